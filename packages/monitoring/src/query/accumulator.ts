import type { Aggregate, MetricKind } from '@millrace/core'
import { bucketUpperBound, quantile } from '@millrace/core/metrics'
import type { SlotSink } from '../storage/chunk-codec.ts'
import { HistogramSum } from '../storage/histogram-sum.ts'

const QUANTILES: Partial<Record<Aggregate, number>> = {
  p50: 0.5,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
  p999: 0.999,
}

/** Where a slot falls: index of its step, or undefined outside of the range. */
export type StepOf = (slot: number) => number | undefined

/** Collects the slots of several series into the steps of one result line. */
export interface Accumulator {
  /** The sink for one series; call `endSeries` after its last slot. */
  sink(stepOf: StepOf): SlotSink
  endSeries(): void
  /** `seconds`: how much of the step has passed. Null: nothing was recorded. */
  value(step: number, aggregate: Aggregate, seconds: number): number | null
}

const ignore = (): void => {}

class CounterAccumulator implements Accumulator {
  readonly #totals: Float64Array

  constructor(steps: number) {
    this.#totals = new Float64Array(steps).fill(NaN)
  }

  sink(stepOf: StepOf): SlotSink {
    return {
      gauge: ignore,
      histogram: ignore,
      counter: (slot, value) => {
        const step = stepOf(slot)
        if (step === undefined) return
        const present = this.#totals[step]!
        this.#totals[step] = Number.isNaN(present) ? value : present + value
      },
    }
  }

  endSeries(): void {}

  value(step: number, aggregate: Aggregate, seconds: number): number | null {
    const total = this.#totals[step]!
    if (Number.isNaN(total)) return null
    return aggregate === 'rate' ? total / seconds : total
  }
}

/**
 * Over time within a series: the mean, minimum, maximum or last of its samples. Over series: the mean of the means and
 * of the last values, the lowest minimum, the highest maximum; and `sum`, the sum of the means, for levels that add up.
 */
class GaugeAccumulator implements Accumulator {
  readonly #min: Float64Array
  readonly #max: Float64Array
  readonly #means: Float64Array
  readonly #lasts: Float64Array
  readonly #series: Uint32Array
  readonly #sum: Float64Array
  readonly #count: Float64Array
  readonly #last: Float64Array

  constructor(steps: number) {
    this.#min = new Float64Array(steps).fill(Infinity)
    this.#max = new Float64Array(steps).fill(-Infinity)
    this.#means = new Float64Array(steps)
    this.#lasts = new Float64Array(steps)
    this.#series = new Uint32Array(steps)
    this.#sum = new Float64Array(steps)
    this.#count = new Float64Array(steps)
    this.#last = new Float64Array(steps)
  }

  sink(stepOf: StepOf): SlotSink {
    return {
      counter: ignore,
      histogram: ignore,
      gauge: (slot, { min, max, sum, count, last }) => {
        const step = stepOf(slot)
        if (step === undefined) return
        if (min < this.#min[step]!) this.#min[step] = min
        if (max > this.#max[step]!) this.#max[step] = max
        this.#sum[step]! += sum
        this.#count[step]! += count
        this.#last[step] = last
      },
    }
  }

  endSeries(): void {
    for (let step = 0; step < this.#count.length; step++) {
      const count = this.#count[step]!
      if (count === 0) continue
      this.#means[step]! += this.#sum[step]! / count
      this.#lasts[step]! += this.#last[step]!
      this.#series[step]!++
    }
    this.#sum.fill(0)
    this.#count.fill(0)
  }

  value(step: number, aggregate: Aggregate): number | null {
    const series = this.#series[step]!
    if (series === 0) return null
    if (aggregate === 'min') return this.#min[step]!
    if (aggregate === 'max') return this.#max[step]!
    if (aggregate === 'sum') return this.#means[step]!
    return (aggregate === 'last' ? this.#lasts[step]! : this.#means[step]!) / series
  }
}

class HistogramAccumulator implements Accumulator {
  readonly #sums: (HistogramSum | undefined)[]

  constructor(steps: number) {
    this.#sums = Array.from({ length: steps })
  }

  sink(stepOf: StepOf): SlotSink {
    return {
      counter: ignore,
      gauge: ignore,
      histogram: (slot, value) => {
        const step = stepOf(slot)
        if (step !== undefined) (this.#sums[step] ??= new HistogramSum()).add(value)
      },
    }
  }

  endSeries(): void {}

  value(step: number, aggregate: Aggregate, seconds: number): number | null {
    const sum = this.#sums[step]
    if (sum === undefined) return null
    if (aggregate === 'rate') return sum.count / seconds
    if (aggregate === 'sum') return sum.count
    // Alive but idle: there is a rate, and no latency.
    if (sum.count === 0) return null
    if (aggregate === 'avg') return sum.sum / sum.count
    const q = QUANTILES[aggregate]
    return q === undefined ? extreme(sum, aggregate === 'min') : (quantile(sum, q) ?? null)
  }
}

/** The bound of the outermost bucket: at most 9 % beyond the true minimum or maximum. */
function extreme(sum: HistogramSum, lowest: boolean): number {
  if (lowest && sum.zeroCount > 0) return 0
  const filled = (count: number): boolean => count > 0
  const at = lowest ? sum.buckets.findIndex(filled) : sum.buckets.findLastIndex(filled)
  return at === -1 ? 0 : bucketUpperBound(sum.offset + at - (lowest ? 1 : 0))
}

export function createAccumulator(kind: MetricKind, steps: number): Accumulator {
  if (kind === 'counter') return new CounterAccumulator(steps)
  return kind === 'gauge' ? new GaugeAccumulator(steps) : new HistogramAccumulator(steps)
}
