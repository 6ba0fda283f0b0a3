import type { RangeResult } from '@millrace/core'

/** Senders push every 2 s and the way takes a moment: what happened within this time is not all there yet. */
const SETTLE_MS = 2_500
/** The server judges a running step by the part that has passed; a part shorter than this is mostly chance. */
const ENOUGH_MS = 10_000

/**
 * Drops the last step while it is still filling: its rate would be too low and every chart would seem to fall at its
 * right end. A single step is kept, because it is all there is.
 */
export function completeSteps(result: RangeResult, to: number): RangeResult {
  const counts = (start: number): boolean => start + Math.min(result.stepMs, ENOUGH_MS) <= to - SETTLE_MS
  return {
    ...result,
    series: result.series.map((series) => {
      let count = series.times.length
      while (count > 1 && !counts(series.times[count - 1]!)) count--
      return count === series.times.length
        ? series
        : { ...series, times: series.times.slice(0, count), values: series.values.slice(0, count) }
    }),
  }
}
