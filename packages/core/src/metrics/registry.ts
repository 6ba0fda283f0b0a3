import { ExponentialHistogram } from './histogram.ts'
import type { MetricKind } from '../ports/metric.ts'

export interface InstrumentOptions<Label extends string = string> {
  /** Prometheus style, complete with unit and `_total`. */
  name: string
  help: string
  /** UCUM. */
  unit: string
  labels?: readonly Label[]
}

type LabelValues<Label extends string> = Readonly<Record<Label, string>>

/** Bound once, used often: `counter.with({ pool: 'web' })` outside the hot path, `.add()` inside it. */
export interface BoundCounter {
  add(amount?: number): void
}
export interface BoundGauge {
  set(value: number): void
  add(amount: number): void
}
export interface BoundHistogram {
  record(value: number): void
}

export interface Counter<Label extends string = never> extends BoundCounter {
  with(labels: LabelValues<Label>): BoundCounter
  /** Reads a total that something else keeps, at each collection, instead of adding. */
  observe(read: () => number, labels?: LabelValues<Label>): void
}
export interface Gauge<Label extends string = never> extends BoundGauge {
  with(labels: LabelValues<Label>): BoundGauge
  /** Read at each collection instead of set. */
  observe(read: () => number, labels?: LabelValues<Label>): void
  /**
   * Ends a series, for a label whose values come and go: it is not collected any more, and makes room for another. What
   * was bound to it before records nothing from then on; `with` begins a new one.
   */
  remove(labels: LabelValues<Label>): void
}
export interface Histogram<Label extends string = never> extends BoundHistogram {
  with(labels: LabelValues<Label>): BoundHistogram
}

/** One series as collected: cumulative since the registry was made. */
export interface CollectedSeries {
  labels: Record<string, string>
  value: number | ExponentialHistogram
}

export interface CollectedMetric {
  name: string
  help: string
  unit: string
  kind: MetricKind
  series: CollectedSeries[]
}

/** Beyond this many label combinations of one metric, further ones are counted under `overflow="true"`. */
export const MAX_SERIES_PER_METRIC = 2_000

class CounterSeries implements BoundCounter {
  value = 0
  read: (() => number) | undefined
  /** A negative amount or NaN is ignored: a counter only rises. */
  add(amount = 1): void {
    if (amount > 0) this.value += amount
  }
}

class GaugeSeries implements BoundGauge {
  value = 0
  read: (() => number) | undefined
  add(amount: number): void {
    this.value += amount
  }
  set(value: number): void {
    this.value = value
  }
}

const EMPTY: Record<string, string> = {}

class Instrument<Recorder> {
  readonly #make: () => Recorder
  readonly #labelNames: readonly string[]
  readonly series = new Map<string, { labels: Record<string, string>; point: Recorder }>()
  overflowed = 0

  constructor(labelNames: readonly string[], make: () => Recorder) {
    this.#labelNames = labelNames
    this.#make = make
  }

  with(labels: Record<string, string> = EMPTY): Recorder {
    const key = this.#key(labels)
    const known = this.series.get(key)
    if (known !== undefined) return known.point
    if (this.series.size >= MAX_SERIES_PER_METRIC) {
      this.overflowed++
      return this.#overflow()
    }
    const kept: Record<string, string> = {}
    for (const name of this.#labelNames) kept[name] = labels[name] ?? ''
    const point = this.#make()
    this.series.set(key, { labels: kept, point })
    return point
  }

  remove(labels: Record<string, string>): void {
    this.series.delete(this.#key(labels))
  }

  #key(labels: Record<string, string>): string {
    // The lengths keep any two combinations apart, whatever characters a value contains.
    let key = ''
    for (const name of this.#labelNames) {
      const value = labels[name] ?? ''
      key += `${value.length}:${value}`
    }
    return key
  }

  #overflow(): Recorder {
    const key = 'overflow'
    const known = this.series.get(key)
    if (known !== undefined) return known.point
    const point = this.#make()
    this.series.set(key, { labels: { overflow: 'true' }, point })
    return point
  }
}

type Point = CounterSeries | GaugeSeries | ExponentialHistogram

interface Registered {
  options: InstrumentOptions
  kind: MetricKind
  instrument: Instrument<Point>
}

/** An observer that throws leaves a gap in its own series and nothing else. */
function observed(read: () => number): number | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/**
 * The process's metrics. Recording is a map look-up and an addition (bound: only the addition); everything else
 * happens at collection. No dependency, because the agent loads it into other people's applications.
 */
export class MetricRegistry {
  readonly #metrics = new Map<string, Registered>()

  counter<Label extends string = never>(options: InstrumentOptions<Label>): Counter<Label> {
    const instrument = this.#register(
      options,
      'counter',
      () => new CounterSeries(),
    ) as Instrument<CounterSeries>
    return {
      with: (labels) => instrument.with(labels),
      add: (amount) => instrument.with().add(amount),
      observe: (read, labels) => void (instrument.with(labels).read = read),
    }
  }

  gauge<Label extends string = never>(options: InstrumentOptions<Label>): Gauge<Label> {
    const instrument = this.#register(options, 'gauge', () => new GaugeSeries()) as Instrument<GaugeSeries>
    return {
      with: (labels) => instrument.with(labels),
      set: (value) => instrument.with().set(value),
      add: (amount) => instrument.with().add(amount),
      observe: (read, labels) => void (instrument.with(labels).read = read),
      remove: (labels) => instrument.remove(labels),
    }
  }

  histogram<Label extends string = never>(options: InstrumentOptions<Label>): Histogram<Label> {
    const instrument = this.#register(
      options,
      'histogram',
      () => new ExponentialHistogram(),
    ) as Instrument<ExponentialHistogram>
    return { with: (labels) => instrument.with(labels), record: (value) => instrument.with().record(value) }
  }

  /** Asking twice for one name returns the same series, provided that the kind is the same. */
  #register(options: InstrumentOptions, kind: MetricKind, make: () => Point): Registered['instrument'] {
    const known = this.#metrics.get(options.name)
    if (known !== undefined) {
      if (known.kind !== kind) throw new TypeError(`${options.name} is registered as a ${known.kind}`)
      return known.instrument
    }
    const instrument = new Instrument(options.labels ?? [], make)
    this.#metrics.set(options.name, { options, kind, instrument })
    return instrument
  }

  collect(): CollectedMetric[] {
    const collected: CollectedMetric[] = []
    for (const { options, kind, instrument } of this.#metrics.values()) {
      const series: CollectedSeries[] = []
      for (const { labels, point } of instrument.series.values()) {
        const value =
          point instanceof ExponentialHistogram ? point : point.read ? observed(point.read) : point.value
        if (value !== undefined) series.push({ labels, value })
      }
      collected.push({ name: options.name, help: options.help, unit: options.unit, kind, series })
    }
    return collected
  }
}

const shared = Symbol.for('millrace.registry')

/**
 * The one registry of this process, made at the first call: what the agent exports, and what a library records in
 * when it is given no other. Kept on `globalThis`, so that two copies of this package share it.
 */
export function processRegistry(): MetricRegistry {
  const global = globalThis as { [shared]?: MetricRegistry }
  return (global[shared] ??= new MetricRegistry())
}
