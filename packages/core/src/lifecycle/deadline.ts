import type { Clock } from '../clock/clock.ts'

/** Whether the promise settled within `ms`; it goes on otherwise. Rejections count as settled. */
export async function settlesWithin(promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const timer = new AbortController()
  const settled = promise.then(
    () => true,
    () => true,
  )
  const late = clock.sleep(ms, timer.signal).then(
    () => false,
    () => false,
  )
  try {
    return await Promise.race([settled, late])
  } finally {
    timer.abort()
  }
}
