import type { RangeResult } from '@millrace/core'

/** Senders push every 2 s and the way takes a moment: a step that ended less than this ago may still fill up. */
export const SETTLE_MS = 2_500

/**
 * Drops the last step while it is still filling: its rate would always be too low and every chart would seem to
 * fall at its right end. A single step is kept, because it is all there is.
 */
export function completeSteps(result: RangeResult, to: number): RangeResult {
  return {
    ...result,
    series: result.series.map((series) => {
      let count = series.times.length
      while (count > 1 && series.times[count - 1]! + result.stepMs > to - SETTLE_MS) count--
      return count === series.times.length
        ? series
        : { ...series, times: series.times.slice(0, count), values: series.values.slice(0, count) }
    }),
  }
}
