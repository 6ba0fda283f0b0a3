/**
 * How much later it is at a sweep than at the one before. No more than two intervals: while the process stood still (a
 * paused machine, a long pause of the event loop) nobody could be heard, which is not their silence.
 */
export const elapsedSince = (before: number, now: number, intervalMs: number): number =>
  Math.min(now - before, 2 * intervalMs)
