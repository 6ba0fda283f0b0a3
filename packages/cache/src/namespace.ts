import type { BoundCounter, BoundGauge, BoundHistogram } from '@millrace/core/metrics'
import type { Flight } from './loading/flight.ts'
import type { Lookup } from './loading/lookup.ts'
import type { Entry } from './memory/entry.ts'
import type { CacheInstruments } from './metrics.ts'
import { KEEP_DEFAULTS, resolveKeep, type Keep, type KeepOptions } from './keep.ts'
import type { Schema } from './schema.ts'
import { stampNames } from './shared/validity.ts'

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
  /** What the validity of an entry without tags of its own depends on in the shared tier. */
  readonly stampNames: readonly string[]
  readonly entries = new Map<string, Entry>()
  readonly flights = new Map<string, Flight>()
  /** Reads of the shared tier under way, for `get`. */
  readonly lookups = new Map<string, Lookup>()
  /** Rises when a key is written or deleted, here or elsewhere. */
  changes = 0
  readonly keep: Readonly<Keep>
  readonly schema: Schema | undefined
  hits = 0
  misses = 0
  /** Of the memory tier alone, as its observer sees them; one request of the HTTP cache may read twice. */
  memoryHits = 0
  memoryMisses = 0
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

  readonly sharedHitCounter: BoundCounter
  readonly earlyRefreshes: BoundCounter

  constructor(name: string, options: NamespaceOptions, instruments: CacheInstruments) {
    const labels = { namespace: name }
    this.keep = resolveKeep(options, KEEP_DEFAULTS)
    this.schema = options.schema
    this.sharedHitCounter = instruments.hits.with({ namespace: name, tier: 'shared' })
    this.earlyRefreshes = instruments.earlyRefreshes.with(labels)
    this.name = name
    this.ttlMs = options.ttlMs
    this.tags = options.tags ?? []
    this.stampNames = stampNames(name, this.tags)
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

  /** What is being produced for the key is outdated: it must be neither joined nor stored. */
  supersede(id: string): void {
    this.changes++
    supersedeIn(this.flights, id)
    supersedeIn(this.lookups, id)
  }

  supersedeAll(matches: (id: string) => boolean): void {
    this.changes++
    for (const id of this.flights.keys()) if (matches(id)) this.supersede(id)
    for (const id of this.lookups.keys()) if (matches(id)) this.supersede(id)
  }

  hit(): void {
    this.hits++
    this.hitCounter.add()
  }

  sharedHit(): void {
    this.hits++
    this.sharedHitCounter.add()
  }

  miss(): void {
    this.misses++
    this.missCounter.add()
  }
}

function supersedeIn(flights: Map<string, { superseded: boolean }>, id: string): void {
  const flight = flights.get(id)
  if (flight === undefined) return
  flight.superseded = true
  flights.delete(id)
}
