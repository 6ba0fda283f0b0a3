import { guarded } from './guard.ts'

const DEADLINE_MS = 1_000

export interface Flushable {
  flush(options?: { deadlineMs?: number }): Promise<void>
}

type Emit = (event: string | symbol, ...args: unknown[]) => boolean

/**
 * Sends the last interval when the application ends by itself or on SIGTERM, without the application noticing:
 *
 * - `beforeExit` is held back once, until the flush is done, so that its listeners run exactly once as before.
 * - A SIGTERM the application handles is left to it; the flush only runs beside.
 * - Without a handler, one of ours flushes and then lets the default action end the process. It steps aside as soon
 *   as the application adds one, because libraries count the listeners to decide whether to exit.
 *
 * `process.exit()` leaves no time: up to one interval is lost.
 */
export function flushOnExit(exporter: Flushable): void {
  const original = process.emit.bind(process) as Emit
  const flush = (): Promise<void> => exporter.flush({ deadlineMs: DEADLINE_MS })
  let flushed = false
  const emit: Emit = (event, ...args) => {
    if (event === 'beforeExit' && !flushed) {
      flushed = true
      // The flush's timer keeps the loop alive; when it is done, Node emits `beforeExit` again.
      guarded('exit', () => void flush())
      return true
    }
    if (event === 'SIGTERM') guarded('exit', () => void flush())
    return original(event, ...args)
  }
  process.emit = emit as typeof process.emit
  stepInForSigterm(flush)
}

function stepInForSigterm(flush: () => Promise<void>): void {
  if (process.listenerCount('SIGTERM') > 0) return
  const ours = (): void => {
    void flush().finally(() => {
      process.removeListener('SIGTERM', ours)
      process.kill(process.pid, 'SIGTERM')
    })
  }
  const onNewListener = (event: string | symbol): void => {
    if (event !== 'SIGTERM') return
    process.removeListener('newListener', onNewListener)
    // Afterwards, not now: with no listener in between, Node would close the signal's handle.
    queueMicrotask(() => process.removeListener('SIGTERM', ours))
  }
  process.on('SIGTERM', ours)
  process.on('newListener', onNewListener)
}
