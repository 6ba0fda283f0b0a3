import type { Clock } from '@millrace/core'

/** What the promise brings, or `late`. */
export async function within<Value, Late>(
  promise: Promise<Value>,
  ms: number,
  late: Late,
  clock: Clock,
): Promise<Value | Late> {
  const timer = new AbortController()
  try {
    return await Promise.race([promise, clock.sleep(ms, timer.signal).then(() => late)])
  } finally {
    timer.abort()
  }
}
