import type { Clock } from '@millrace/core'

/** Runs a call whose signal is aborted, and which rejects, after `timeoutMs` or when `stopped` is. */
export async function withDeadline(
  call: (signal: AbortSignal) => Promise<void>,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
  stopped: AbortSignal,
): Promise<void> {
  const controller = new AbortController()
  const timer = new AbortController()
  const stop = (): void => controller.abort(stopped.reason)
  stopped.addEventListener('abort', stop, { once: true })
  const ended = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error))
  })
  clock.sleep(timeoutMs, timer.signal).then(
    () => controller.abort(new Error(`There was no answer within ${timeoutMs} ms.`)),
    () => undefined,
  )
  try {
    await Promise.race([call(controller.signal), ended])
  } finally {
    timer.abort()
    stopped.removeEventListener('abort', stop)
  }
}
