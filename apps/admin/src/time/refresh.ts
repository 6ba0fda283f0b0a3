/** Processes push their metrics every 2 s: asking more often only repeats the answer. */
const INTERVALS_MS = [2_000, 5_000, 10_000, 15_000, 30_000, 60_000] as const

/**
 * How often a live range is read again: at least as often as a new point becomes visible, a point being two pixels
 * wide. A 15 minute chart on a laptop moves every 2 s, one of a day every minute.
 */
export function refreshIntervalMs(spanMs: number, widthPx: number): number {
  const pointMs = spanMs / Math.max(50, widthPx / 2)
  return INTERVALS_MS.findLast((interval) => interval <= pointMs) ?? INTERVALS_MS[0]
}

/** Good data older than this many intervals is marked as stale. */
export const STALE_INTERVALS = 3

/** Points to ask the server for: one per two CSS pixels, in steps of 50 so that a small resize keeps the query. */
export function pointsForWidth(widthPx: number): number {
  const points = Math.ceil(widthPx / 2 / 50) * 50
  return Math.min(2_000, Math.max(50, points))
}
