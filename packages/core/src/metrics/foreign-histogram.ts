import { bucketIndex, bucketUpperBound, HISTOGRAM_SCALE } from './histogram.ts'
import type { HistogramDelta } from '../ports/metric.ts'

/** Collects counts per bucket of our scale and turns them into the dense form. */
class Buckets {
  readonly #counts = new Map<number, number>()
  #first = Infinity
  #last = -Infinity

  add(index: number, count: number): void {
    if (count <= 0) return
    // The range the recorder itself keeps to (2^-24 to 2^40), so that a hostile index cannot allocate.
    const clamped = Math.max(-192, Math.min(319, index))
    this.#first = Math.min(this.#first, clamped)
    this.#last = Math.max(this.#last, clamped)
    this.#counts.set(clamped, (this.#counts.get(clamped) ?? 0) + count)
  }

  /** Splits `count` over the buckets between two indexes by the given cumulative share, without losing any. */
  spread(from: number, to: number, count: number, shareUpTo: (index: number) => number): void {
    let given = 0
    for (let index = from; index <= to; index++) {
      const upTo = index === to ? count : Math.round(count * Math.min(1, Math.max(0, shareUpTo(index))))
      this.add(index, upTo - given)
      given = Math.max(given, upTo)
    }
  }

  toHistogram(zeroCount: number, sum: number | undefined): HistogramDelta {
    const length = this.#counts.size === 0 ? 0 : this.#last - this.#first + 1
    const buckets = Array.from({ length }, (_, i) => this.#counts.get(this.#first + i) ?? 0)
    const offset = length === 0 ? 0 : this.#first
    let count = zeroCount
    let estimate = 0
    for (const [i, n] of buckets.entries()) {
      count += n
      if (n > 0) estimate += n * (bucketUpperBound(offset + i - 1) + bucketUpperBound(offset + i)) * 0.5
    }
    return { count, sum: sum ?? estimate, zeroCount, offset, buckets }
  }
}

export interface ForeignExponential {
  scale: number
  offset: number
  counts: readonly number[]
  /** Zeros and negative values. */
  zeroCount: number
  sum: number | undefined
}

/**
 * An exponential histogram of any scale at scale 3. A finer one is merged exactly, since 2^(s-3) of its buckets
 * make one of ours; the counts of a coarser one are spread evenly over the buckets that each of its own covers.
 */
export function rescaleExponential(foreign: ForeignExponential): HistogramDelta {
  const buckets = new Buckets()
  const finer = foreign.scale - HISTOGRAM_SCALE
  for (const [i, count] of foreign.counts.entries()) {
    if (count === 0) continue
    const index = foreign.offset + i
    if (finer >= 0) buckets.add(Math.floor(index / 2 ** finer), count)
    else {
      const covered = 2 ** -finer
      // Only the part of the range that we keep is walked: at scale -10 one bucket covers 8,192 of ours.
      const from = Math.max(-192, Math.min(319, index * covered))
      const to = Math.max(from, Math.min(319, (index + 1) * covered - 1))
      buckets.spread(from, to, count, (at) => (at - from + 1) / (to - from + 1))
    }
  }
  return buckets.toHistogram(foreign.zeroCount, foreign.sum)
}

export interface ForeignExplicit {
  /** Ascending upper bounds, one fewer than counts. */
  bounds: readonly number[]
  counts: readonly number[]
  sum: number | undefined
  min: number | undefined
  max: number | undefined
}

/**
 * An explicit-bounds histogram at scale 3. Approximate by necessity: where values lay inside a bucket was never
 * recorded, so they are taken as spread evenly, as Prometheus' `histogram_quantile` does. Counts and sum stay exact.
 */
export function explicitToExponential(foreign: ForeignExplicit): HistogramDelta {
  const buckets = new Buckets()
  let zeroCount = 0
  const total = foreign.counts.reduce((sum, count) => sum + count, 0)
  for (const [i, count] of foreign.counts.entries()) {
    if (count === 0) continue
    const below = foreign.bounds[i - 1]
    // The last bucket has no bound: the maximum if it was sent, else just above the last bound, else the mean.
    const open = below === undefined ? (foreign.sum ?? 0) / total : below * (1 + 1e-9)
    const upper = foreign.bounds[i] ?? Math.max(foreign.max ?? 0, open)
    if (upper <= 0) {
      zeroCount += count
      continue
    }
    const lower = Math.max(below ?? 0, foreign.min !== undefined && foreign.min <= upper ? foreign.min : 0)
    const to = bucketIndex(upper)
    // Three doublings below the upper bound hold 7/8 of an even spread from zero; without a bound, all sits at the mean.
    const reach = foreign.bounds[i] === undefined ? 0 : 23
    const from = lower > 0 ? Math.min(to, bucketIndex(lower * (1 + 1e-9))) : to - reach
    const width = upper - lower
    buckets.spread(from, to, count, (at) => (width <= 0 ? 1 : (bucketUpperBound(at) - lower) / width))
  }
  return buckets.toHistogram(zeroCount, foreign.sum)
}
