import type { Clock } from '@millrace/core'
import type { CacheInstruments } from '../metrics.ts'
import { mergeReports, type ProcessReport } from './merged.ts'
import type { ReadObserver } from './observer.ts'
import { CURVE_SCALES, hitRatioAt, type CacheReport } from './report.ts'

const EVERY_MS = 10_000
const MAX_HOT_KEYS = 10

/** A label of a metric; what is cut off shows as an ellipsis. */
const MAX_KEY_LENGTH = 120

interface Labels {
  namespace: string
  key: string
}

/**
 * What a process knows of its cache, as gauges, so that the platform sees it wherever the process runs: five points of the
 * curve, at most ten hot keys (a key that is no longer among them ends its series), and the alerts.
 */
export class CurveGauges {
  readonly #instruments: CacheInstruments
  #keys = new Map<string, Labels>()
  #alerts = new Map<string, { kind: string; namespace: string }>()

  constructor(instruments: CacheInstruments) {
    this.#instruments = instruments
  }

  publish(report: ProcessReport): void {
    for (const scale of CURVE_SCALES) {
      const ratio = hitRatioAt(report.curve, scale)
      if (ratio !== undefined) this.#instruments.curveHitRatio.with({ scale: String(scale) }).set(ratio)
    }
    this.#instruments.curveSamples.set(report.curve.sampledReads)
    this.#publishKeys(report)
    this.#publishAlerts(report)
  }

  #publishKeys(report: ProcessReport): void {
    const gauge = this.#instruments.hotKeyReads
    const keys = new Map<string, Labels>()
    for (const { namespace, id, readsPerSecond } of report.hotKeys.slice(0, MAX_HOT_KEYS)) {
      const key = id.length > MAX_KEY_LENGTH ? `${id.slice(0, MAX_KEY_LENGTH)}…` : id
      keys.set(`${namespace}:${key}`, { namespace, key })
      gauge.with({ namespace, key }).set(readsPerSecond)
    }
    for (const [name, labels] of this.#keys) if (!keys.has(name)) gauge.remove(labels)
    this.#keys = keys
  }

  #publishAlerts(report: ProcessReport): void {
    const gauge = this.#instruments.memoryAlerts
    const alerts = new Map<string, { kind: string; namespace: string }>()
    for (const { kind, namespace, value } of report.alerts) {
      const labels = { kind, namespace: namespace ?? '' }
      alerts.set(`${kind}:${labels.namespace}`, labels)
      gauge.with(labels).set(value)
    }
    for (const [name, labels] of this.#alerts) if (!alerts.has(name)) gauge.remove(labels)
    this.#alerts = alerts
  }
}

/** The caches that record in one registry: their series are the same, so they are published together. */
class PublishedCaches {
  readonly #gauges: CurveGauges
  readonly #members = new Set<WeakRef<ReadObserver>>()
  readonly #clock: Clock
  #stop: (() => void) | undefined

  constructor(instruments: CacheInstruments, clock: Clock) {
    this.#gauges = new CurveGauges(instruments)
    this.#clock = clock
  }

  join(observer: ReadObserver): () => void {
    const member = new WeakRef(observer)
    this.#members.add(member)
    this.#stop ??= this.#clock.every(EVERY_MS, () => this.#publish())
    return () => {
      this.#members.delete(member)
      if (this.#members.size === 0) this.#publish()
    }
  }

  #publish(): void {
    const reports: CacheReport[] = []
    for (const member of this.#members) {
      const observer = member.deref()
      if (observer === undefined) this.#members.delete(member)
      else reports.push(observer.report())
    }
    this.#gauges.publish(mergeReports(reports))
    if (this.#members.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }
}

const published = new WeakMap<object, PublishedCaches>()

/**
 * Publishes every ten seconds what the caches of a registry report, until the returned function is called or the cache is
 * gone: neither this nor its timer keeps the cache or the process alive.
 */
export function publishReports(
  observer: ReadObserver,
  instruments: CacheInstruments,
  clock: Clock,
): () => void {
  // The series itself is the same for every cache that records in the same registry.
  const series = instruments.curveSamples.with({})
  let caches = published.get(series)
  if (caches === undefined) published.set(series, (caches = new PublishedCaches(instruments, clock)))
  return caches.join(observer)
}
