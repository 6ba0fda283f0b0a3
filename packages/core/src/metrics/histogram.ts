import type { HistogramDelta } from '../ports/metric.ts'

/** A histogram whatever its buckets are kept in: what can be merged, subtracted and read. */
export type HistogramState = Omit<HistogramDelta, 'buckets'> & { readonly buckets: ArrayLike<number> }

/** 8 buckets per doubling: a percentile is off by a bucket at most, a factor of 2^(1/8) or 9 %; by half of that as a rule. */
export const HISTOGRAM_SCALE = 3
const PER_DOUBLING = 2 ** HISTOGRAM_SCALE

// 2^-24 (60 ns in seconds) to 2^40: latencies in seconds and sizes in bytes both fit.
const MIN_INDEX = -24 * PER_DOUBLING
const MAX_INDEX = 40 * PER_DOUBLING - 1

/** The bucket of a positive value: (2^(i/8), 2^((i+1)/8)], as the OpenTelemetry data model defines it. */
export function bucketIndex(value: number): number {
  const index = Math.ceil(Math.log2(value) * PER_DOUBLING) - 1
  return index < MIN_INDEX ? MIN_INDEX : index > MAX_INDEX ? MAX_INDEX : index
}

/** Upper bound of a bucket, inclusive. */
export const bucketUpperBound = (index: number): number => 2 ** ((index + 1) / PER_DOUBLING)

/** Records values; cumulative. Buckets are allocated once and grow with the range that is really used. */
export class ExponentialHistogram {
  count = 0
  sum = 0
  zeroCount = 0
  offset = 0
  buckets = new Float64Array(0)

  /** NaN and Infinity are ignored; values ≤ 0 count as zero. */
  record(value: number): void {
    if (value !== value || value === Infinity) return
    this.count++
    if (value <= 0) {
      this.zeroCount++
      return
    }
    this.sum += value
    const index = bucketIndex(value)
    const slot = index - this.offset
    if (slot >= 0 && slot < this.buckets.length) this.buckets[slot]!++
    else this.#grow(index)
  }

  #grow(index: number): void {
    if (this.buckets.length === 0) {
      this.offset = index - PER_DOUBLING
      this.buckets = new Float64Array(PER_DOUBLING * 4)
    } else {
      const last = this.offset + this.buckets.length - 1
      const offset = Math.min(this.offset, index - PER_DOUBLING)
      const end = Math.max(last, index + PER_DOUBLING)
      const grown = new Float64Array(end - offset + 1)
      grown.set(this.buckets, this.offset - offset)
      this.offset = offset
      this.buckets = grown
    }
    this.buckets[index - this.offset]!++
  }

  /** A copy of the present state, to subtract from a later one. */
  snapshot(): HistogramDelta {
    return {
      count: this.count,
      sum: this.sum,
      zeroCount: this.zeroCount,
      offset: this.offset,
      buckets: Array.from(this.buckets),
    }
  }
}

/** Adds histograms of this scale; the result has the union of their ranges. */
export function mergeHistograms(parts: Iterable<HistogramState>): HistogramDelta {
  let offset = Infinity
  let end = -Infinity
  const list = [...parts]
  for (const part of list) {
    if (part.buckets.length === 0) continue
    offset = Math.min(offset, part.offset)
    end = Math.max(end, part.offset + part.buckets.length)
  }
  const buckets = end > offset ? Array.from<number>({ length: end - offset }).fill(0) : []
  const merged = { count: 0, sum: 0, zeroCount: 0, offset: end > offset ? offset : 0, buckets }
  for (const part of list) {
    merged.count += part.count
    merged.sum += part.sum
    merged.zeroCount += part.zeroCount
    for (let i = 0; i < part.buckets.length; i++)
      buckets[part.offset - merged.offset + i]! += part.buckets[i]!
  }
  return merged
}

/** What was recorded between two snapshots of one histogram. */
export function subtractHistogram(later: HistogramState, earlier: HistogramState): HistogramDelta {
  const buckets = Array.from(later.buckets)
  for (let i = 0; i < earlier.buckets.length; i++) {
    const slot = earlier.offset + i - later.offset
    if (slot >= 0 && slot < buckets.length) buckets[slot]! -= earlier.buckets[i]!
  }
  return {
    count: later.count - earlier.count,
    sum: later.sum - earlier.sum,
    zeroCount: later.zeroCount - earlier.zeroCount,
    offset: later.offset,
    buckets,
  }
}

/** The `q` quantile (0–1), interpolated geometrically within its bucket; undefined when nothing was recorded. */
export function quantile(histogram: HistogramState, q: number): number | undefined {
  if (histogram.count <= 0) return undefined
  const rank = q * histogram.count
  let seen = histogram.zeroCount
  if (rank <= seen && seen > 0) return 0
  for (let i = 0; i < histogram.buckets.length; i++) {
    const inBucket = histogram.buckets[i]!
    if (inBucket > 0 && seen + inBucket >= rank) {
      const share = (rank - seen) / inBucket
      return 2 ** ((histogram.offset + i + share) / PER_DOUBLING)
    }
    seen += inBucket
  }
  return bucketUpperBound(histogram.offset + histogram.buckets.length - 1)
}
