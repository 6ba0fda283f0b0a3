import type { HistogramDelta } from '@millrace/core'
import {
  bucketUpperBound,
  mergeHistograms,
  subtractHistogram,
  type HistogramState,
} from '@millrace/core/metrics'

/** What a part did: as counters of the engine, or what was added to them in a time. */
export interface PartSample {
  requests: number
  errors: number
  duration: HistogramDelta
}

const NOTHING: PartSample = {
  requests: 0,
  errors: 0,
  duration: { count: 0, sum: 0, zeroCount: 0, offset: 0, buckets: [] },
}

/**
 * What was added to a part's counters since the window began. Workers that end take their counts with them: what is less
 * than before is a new beginning and not a negative number of requests.
 */
class SampleWindow {
  #last: PartSample | undefined = undefined
  total: PartSample = NOTHING

  reset(): void {
    this.#last = undefined
    this.total = NOTHING
  }

  /** Begins anew without missing what is added next. */
  turn(): void {
    this.total = NOTHING
  }

  add(now: PartSample): void {
    const before = this.#last
    this.#last = now
    if (before === undefined || now.requests < before.requests || now.errors < before.errors) return
    const duration = subtractHistogram(now.duration, before.duration)
    this.total = {
      requests: this.total.requests + now.requests - before.requests,
      errors: this.total.errors + now.errors - before.errors,
      duration: mergeHistograms([this.total.duration, nonNegative(duration)]),
    }
  }
}

/** The same window for both parts of a canary. */
export class PairWindow {
  readonly #stable = new SampleWindow()
  readonly #canary = new SampleWindow()

  get total(): { stable: PartSample; canary: PartSample } {
    return { stable: this.#stable.total, canary: this.#canary.total }
  }

  add(stable: PartSample, canary: PartSample): void {
    this.#stable.add(stable)
    this.#canary.add(canary)
  }

  turn(): void {
    this.#stable.turn()
    this.#canary.turn()
  }

  reset(): void {
    this.#stable.reset()
    this.#canary.reset()
  }
}

const nonNegative = (histogram: HistogramDelta): HistogramDelta => ({
  ...histogram,
  buckets: histogram.buckets.map((count) => Math.max(0, count)),
})

/** How many of the recorded values are above `value` for certain. */
export function countAbove({ offset, buckets }: HistogramState, value: number): number {
  let count = 0
  for (let i = 0; i < buckets.length; i++) if (bucketUpperBound(offset + i - 1) >= value) count += buckets[i]!
  return count
}
