import type { Clock, Logger } from '@millrace/core'
import type { WorkerProcess } from './worker-process.ts'

/** Questions in a row that a worker may leave unanswered. */
const SILENT_HEARTBEATS = 3

/**
 * Asks each running worker every `heartbeatMs` (default 5,000) whether it answers. One that is stuck, and holds its
 * visitors' connections with it, is killed, which its group sees as any other end. Returns what stops it.
 */
export function startHeartbeat(
  workers: () => readonly WorkerProcess[],
  options: { clock: Clock; logger: Logger; heartbeatMs?: number },
): () => void {
  const { clock, logger, heartbeatMs = 5_000 } = options
  return clock.every(heartbeatMs, () => {
    for (const worker of workers()) {
      if (worker.readySince === undefined || worker.stopping) continue
      worker.call({ name: 'ping' }, heartbeatMs).then(
        () => (worker.silent = 0),
        () => {
          if (++worker.silent !== SILENT_HEARTBEATS || worker.stopping) return
          logger.error({ worker: worker.number }, 'a gateway worker does not answer and is ended')
          worker.worker.process.kill('SIGKILL')
        },
      )
    }
  })
}
