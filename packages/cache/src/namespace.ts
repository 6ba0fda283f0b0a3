import type { BoundCounter, BoundGauge, BoundHistogram } from '@millrace/core/metrics'
import type { Flight } from './loading/flight.ts'
import type { Entry } from './memory/entry.ts'
import type { CacheInstruments } from './metrics.ts'

export interface NamespaceOptions {
  /** Milliseconds an entry stays fresh unless it brings its own. */
  ttlMs: number
  /** Carried by every entry of the namespace, besides its own. */
  tags?: readonly string[]
}

/** A namespace's entries, loads in progress and bound instruments: what a read needs is one look-up away. */
export class Namespace {
  readonly name: string
  readonly ttlMs: number
  readonly tags: readonly string[]
  readonly entries = new Map<string, Entry>()
  readonly flights = new Map<string, Flight>()
  hits = 0
  misses = 0
  evictions = 0
  bytes = 0
  readonly hitCounter: BoundCounter
  readonly missCounter: BoundCounter
  readonly evictionCounter: BoundCounter
  readonly rejectionCounter: BoundCounter
  readonly loadDuration: BoundHistogram
  readonly loadErrors: BoundCounter
  readonly discardedLoads: BoundCounter
  readonly stampedesAvoided: BoundCounter
  readonly entryGauge: BoundGauge
  readonly byteGauge: BoundGauge

  constructor(name: string, options: NamespaceOptions, instruments: CacheInstruments) {
    const labels = { namespace: name }
    this.name = name
    this.ttlMs = options.ttlMs
    this.tags = options.tags ?? []
    this.hitCounter = instruments.hits.with({ namespace: name, tier: 'memory' })
    this.missCounter = instruments.misses.with(labels)
    this.evictionCounter = instruments.evictions.with(labels)
    this.rejectionCounter = instruments.rejections.with(labels)
    this.loadDuration = instruments.loadDuration.with(labels)
    this.loadErrors = instruments.loadErrors.with(labels)
    this.discardedLoads = instruments.discardedLoads.with(labels)
    this.stampedesAvoided = instruments.stampedesAvoided.with(labels)
    this.entryGauge = instruments.entries.with(labels)
    this.byteGauge = instruments.size.with(labels)
  }

  hit(): void {
    this.hits++
    this.hitCounter.add()
  }

  miss(): void {
    this.misses++
    this.missCounter.add()
  }
}
