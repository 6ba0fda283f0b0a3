import type { BoundCounter, BoundGauge, BoundHistogram } from '@millrace/core/metrics'
import type { Flight } from './loading/flight.ts'
import type { Entry } from './memory/entry.ts'
import type { CacheInstruments } from './metrics.ts'
import type { Schema } from './schema.ts'

export type Tiers = 'memory' | 'shared' | 'both'

/** How entries are kept and renewed: for a whole namespace, or in one call. */
export interface KeepOptions {
  /** Milliseconds after its time in which a value is served at once while it is renewed. Default 0: never. */
  staleWhileRevalidateMs?: number
  /** Milliseconds after its time in which a value is served when loading fails or takes too long. Default 0: never. */
  staleIfErrorMs?: number
  /** How long it is remembered that there is nothing (`undefined` or `null`). Default: as any value; 0: not at all. */
  negativeTtlMs?: number
  /**
   * How eagerly `getOrSet` renews a value before its time, in the background, so that it never expires under load
   * (XFetch: Vattani et al., "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015): the earlier, the longer loading
   * took. Default 1; 0: never.
   */
  earlyExpirationBeta?: number
  /** A stale value that may be served is returned when loading takes longer; the load goes on. Default: no such limit. */
  loaderSoftTimeoutMs?: number
  /** A loader that takes longer fails with CACHE_LOADER_TIMEOUT. Default: the cache's. */
  loaderTimeoutMs?: number
  /** Where entries are kept. Default `both`; without a shared tier that is memory. */
  tiers?: Tiers
  /** Whether large values are compressed in the shared tier. Default true. */
  compress?: boolean
}

export interface NamespaceOptions<Value = unknown> extends KeepOptions {
  /** Milliseconds an entry stays fresh unless it brings its own. */
  ttlMs: number
  /** Carried by every entry of the namespace, besides its own. */
  tags?: readonly string[]
  /**
   * What its values are, in any library that speaks Standard Schema (zod, valibot, arktype, …). Checked when a value is
   * set or loaded and when it comes from the shared tier. The value itself is kept, not what the schema would make of it.
   */
  schema?: Schema<Value>
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
