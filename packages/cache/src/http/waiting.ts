import type { Clock } from '@millrace/core'

/** Resolves when the promise settles either way, at the latest after `waitMs`. */
export async function settledWithin(promise: Promise<unknown>, waitMs: number, clock: Clock): Promise<void> {
  const timer = new AbortController()
  await Promise.race([promise, clock.sleep(waitMs, timer.signal)]).catch(() => undefined)
  timer.abort()
}
