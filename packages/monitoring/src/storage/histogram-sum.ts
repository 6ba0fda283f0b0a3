import type { HistogramState } from '@millrace/core/metrics'

/** Buckets are allocated in whole doublings of values, so that a drifting latency does not reallocate at each point. */
const GRAIN = 8

/** Adds histograms up in place: what percentiles over instances and over time are made of. */
export class HistogramSum implements HistogramState {
  count = 0
  sum = 0
  zeroCount = 0
  offset = 0
  buckets = new Float64Array(0)

  add(part: HistogramState): this {
    this.count += part.count
    this.sum += part.sum
    this.zeroCount += part.zeroCount
    const { length } = part.buckets
    if (length === 0) return this
    this.#cover(part.offset, part.offset + length)
    const shift = part.offset - this.offset
    for (let i = 0; i < length; i++) this.buckets[shift + i]! += part.buckets[i]!
    return this
  }

  /** Empty again, with the memory it has. */
  reset(): void {
    this.count = 0
    this.sum = 0
    this.zeroCount = 0
    this.buckets.fill(0)
  }

  #cover(from: number, to: number): void {
    const end = this.offset + this.buckets.length
    if (this.buckets.length > 0 && from >= this.offset && to <= end) return
    const empty = this.buckets.length === 0
    const offset = Math.floor((empty ? from : Math.min(from, this.offset)) / GRAIN) * GRAIN
    const until = Math.ceil((empty ? to : Math.max(to, end)) / GRAIN) * GRAIN
    const grown = new Float64Array(until - offset)
    if (!empty) grown.set(this.buckets, this.offset - offset)
    this.offset = offset
    this.buckets = grown
  }
}
