/** Processes push their metrics every 2 s: asking more often only repeats the answer. */
const INTERVALS_MS = [2_000, 5_000, 10_000, 15_000, 30_000, 60_000] as const

/**
 * How often a live range is read again: about as often as a new point becomes visible. A point is at least two
 * pixels wide, so a 15 minute chart on a laptop moves every 2 s and a 24 h one every minute.
 */
export function refreshIntervalMs(spanMs: number, widthPx: number): number {
  const pointMs = spanMs / Math.max(50, widthPx / 2)
  return INTERVALS_MS.find((interval) => interval >= pointMs) ?? INTERVALS_MS.at(-1)!
}

/** Good data older than this many intervals is marked as stale. */
export const STALE_INTERVALS = 3

/** Points to ask the server for: one per two CSS pixels, in steps of 50 so that a small resize keeps the query. */
export function pointsForWidth(widthPx: number): number {
  const points = Math.ceil(widthPx / 2 / 50) * 50
  return Math.min(2_000, Math.max(50, points))
}
