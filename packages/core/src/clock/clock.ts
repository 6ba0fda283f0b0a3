/** Time as a dependency, so that every schedule, TTL and backoff is testable without waiting. */
export interface Clock {
  /** Wall time in milliseconds since the epoch. May jump; use it for timestamps only. */
  now(): number
  /** Monotonic milliseconds; use it for durations and deadlines. */
  monotonic(): number
  /** Resolves after `ms`; rejects with the signal's reason when aborted. Never keeps the process alive by itself. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `run` every `ms` until the returned function is called. Never keeps the process alive by itself. */
  every(ms: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const onAbort = (): void => {
        clearTimeout(timer)
        reject(signal?.reason as Error)
      }
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
          // What was left of a time limit may be a little below zero, at which Node would complain.
        },
        Math.max(0, ms),
      )
      timer.unref()
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
  every: (ms, run) => {
    const timer = setInterval(run, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
}
