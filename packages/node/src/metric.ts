import {
  processRegistry,
  sanitizeName,
  type BoundCounter,
  type BoundGauge,
  type BoundHistogram,
  type InstrumentOptions,
  type MetricRegistry,
} from '@millrace/core/metrics'
import { guarded } from './guard.ts'
import { activate } from './activation.ts'

export interface MetricOptions {
  /** One sentence for the catalogue. */
  help?: string
  /** UCUM: `s`, `By`, `1`, … Default `1`. */
  unit?: string
}

/** Values by label name. The names are fixed by the first use of a metric; others are left out later. */
export type MetricLabels = Readonly<Record<string, string>>

const UNIT_SUFFIX: Record<string, string> = { s: '_seconds', By: '_bytes' }
const IGNORED = { add: (): void => {}, set: (): void => {}, record: (): void => {} }

function options(name: string, labels: MetricLabels, given: MetricOptions): InstrumentOptions {
  const unit = given.unit ?? '1'
  const clean = sanitizeName(name).slice(0, 200)
  const suffix = UNIT_SUFFIX[unit] ?? ''
  return {
    name: clean.endsWith(suffix) ? clean : clean + suffix,
    help: given.help ?? '',
    unit,
    labels: Object.keys(labels).toSorted(),
  }
}

/** A metric that cannot be made (its name is taken by another kind) is ignored: counting must not break a request. */
const made = <Bound>(make: (registry: MetricRegistry) => Bound): Bound | typeof IGNORED =>
  guarded('metric', () => {
    activate()
    return make(processRegistry())
  }) ?? IGNORED

/**
 * Numbers of the application's own, in one line each: `metric.counter('signups', { plan: 'pro' }).add()`.
 * They appear beside the platform's under `service` and `instance`. Without the agent they cost a few nanoseconds
 * and go nowhere.
 */
export const metric = {
  /** Only rises. `_total` is added to the name. */
  counter(name: string, labels: MetricLabels = {}, given: MetricOptions = {}): BoundCounter {
    const base = options(name.replace(/_total$/, ''), labels, given)
    return made((registry) => registry.counter({ ...base, name: `${base.name}_total` }).with(labels as never))
  },
  /** A level: active sessions, queue depth. */
  gauge(name: string, labels: MetricLabels = {}, given: MetricOptions = {}): BoundGauge {
    return made((registry) => registry.gauge(options(name, labels, given)).with(labels as never))
  },
  /** A distribution: order values, job durations. */
  histogram(name: string, labels: MetricLabels = {}, given: MetricOptions = {}): BoundHistogram {
    return made((registry) => registry.histogram(options(name, labels, given)).with(labels as never))
  },
}
