import type { Clock } from '@millrace/core'
import { serverErrors } from '../errors.ts'

/**
 * The promise's outcome, or SERVER_TIMED_OUT after `ms`. What it stands for goes on; pass `onTimeout` to end it.
 */
export async function within<Value>(
  promise: Promise<Value>,
  ms: number,
  what: string,
  clock: Clock,
  onTimeout?: () => void,
): Promise<Value> {
  const timer = new AbortController()
  const late = clock.sleep(ms, timer.signal).then(() => {
    onTimeout?.()
    throw serverErrors.TIMED_OUT({ what, afterMs: ms })
  })
  // Lost races must not become unhandled rejections.
  late.catch(() => undefined)
  promise.catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.abort()
  }
}

/** Waits until the promise has settled, either way, but at most `ms`. Never rejects. */
export async function settleWithin(promise: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  await within(promise, ms, 'Stopping', clock).catch(() => undefined)
}
