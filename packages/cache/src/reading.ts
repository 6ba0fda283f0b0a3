import type { Flight } from './loading/flight.ts'
import { loadJob, type LoadJob } from './loading/load-job.ts'
import { MAX_TIMEOUT_MS } from './keep.ts'
import type { Loads } from './loading/loads.ts'
import { Lookup } from './loading/lookup.ts'
import type { Entry } from './memory/entry.ts'
import type { MemoryTier } from './memory/tier.ts'
import type { CacheInstruments } from './metrics.ts'
import type { Namespace } from './namespace.ts'
import type { CacheLimits, RefreshSettings, SetOptions } from './options.ts'
import type { SharedLookup, SharedValue } from './shared/shared-tier.ts'
import type { StoreTier } from './shared/store-tier.ts'
import { within } from './within.ts'

/** Beyond that many times the mean, an exponential draw is so rare (1 in 9 million) that it is not made. */
const FARTHEST_DRAW = 16

export interface ReadingOptions {
  limits: CacheLimits
  instruments: CacheInstruments
  loads: Loads
  shared: StoreTier | undefined
}

/** Reads that memory alone did not answer: from the shared tier, from a stale value, or by loading. */
export class Reading {
  readonly #tier: MemoryTier
  readonly #limits: CacheLimits
  readonly #instruments: CacheInstruments
  readonly #loads: Loads
  readonly #shared: StoreTier | undefined

  constructor(tier: MemoryTier, options: ReadingOptions) {
    this.#tier = tier
    this.#limits = options.limits
    this.#instruments = options.instruments
    this.#loads = options.loads
    this.#shared = options.shared
  }

  /** From the shared tier, if there is one; counted. */
  async get(space: Namespace, id: string): Promise<unknown> {
    const found = this.#asks(space) ? await this.#lookUp(this.#shared!, space, id) : undefined
    if (found === undefined) space.miss()
    else space.sharedHit()
    return found?.value
  }

  async getMany<Value>(namespace: string, ids: readonly string[]): Promise<Map<string, Value>> {
    const space = this.#tier.open(namespace)
    const found = new Map<string, Value>()
    const missing: string[] = []
    for (const id of ids) {
      const entry = this.#tier.live(space, id)
      if (entry === undefined) {
        this.#tier.missed(space, id)
        missing.push(id)
        continue
      }
      space.hit()
      this.#tier.touch(entry)
      if (entry.value !== undefined) found.set(id, entry.value as Value)
    }
    if (missing.length === 0) return found
    const since = { version: this.#tier.log.version, changes: space.changes }
    const lookups = this.#asks(space) ? await this.#shared!.getMany(space, missing) : new Map()
    for (const id of missing) {
      const current = since.changes === space.changes
      const value = this.#take(space, id, { version: since.version, superseded: !current }, lookups.get(id))
      if (value === undefined) space.miss()
      else space.sharedHit()
      if (value?.value !== undefined) found.set(id, value.value as Value)
    }
    return found
  }

  /**
   * The value of a fresh entry, which may be renewed in the background before its time: the nearer its end and the longer
   * loading takes, the likelier (XFetch, Vattani et al., VLDB 2015, algorithm 1; renewing is nobody's wait here).
   */
  hit<Value>(
    space: Namespace,
    entry: Entry,
    load: (signal: AbortSignal) => Promise<Value>,
    options: SetOptions,
  ): Value {
    space.hit()
    this.#tier.touch(entry)
    if (entry.loadMs > 0) this.#considerEarly(space, entry, load, options)
    return entry.value as Value
  }

  async getOrSet<Value>(
    space: Namespace,
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options: SetOptions,
  ): Promise<Value> {
    const job = loadJob(space, id, load, options, this.#tier.tags(space, options.tags))
    const stale = this.#tier.stale(space, id)
    const running = this.#loads.running(space, id)
    if (stale !== undefined && this.#mayRevalidate(stale, job)) {
      space.hit()
      this.#count(space, 'revalidate')
      if (running === undefined) this.#loads.start(job, stale)
      return stale.value as Value
    }
    if (running !== undefined) space.stampedesAvoided.add()
    const flight = running ?? this.#loads.start(job)
    try {
      return (await this.#outcome(flight, job)) as Value
    } finally {
      if (flight.shared) space.sharedHit()
      else space.miss()
    }
  }

  /** Nothing that was there before will do, nor what stands in when loading fails. Not counted as a read. */
  async refresh<Value>(
    space: Namespace,
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options: RefreshSettings,
  ): Promise<Value> {
    const running = this.#loads.running(space, id)
    if (running !== undefined) {
      const value = await running.produced
      if (!running.shared || options.orNewer === true) return value as Value
    }
    const job = loadJob(space, id, load, options, this.#tier.tags(space, options.tags))
    const newerThan = options.orNewer === true ? this.#tier.live(space, id) : 'now'
    return (await this.#loads.start(job, newerThan).produced) as Value
  }

  #mayRevalidate(stale: Entry, { keep }: LoadJob): boolean {
    if (keep.staleWhileRevalidateMs === 0 || this.#tier.isSuspect(stale)) return false
    return this.#tier.remaining(stale) + Math.min(stale.staleMs, keep.staleWhileRevalidateMs) > 0
  }

  /** What the flight brings, or, when that takes too long, the stale value that may stand in. */
  async #outcome(flight: Flight, { keep, space }: LoadJob): Promise<unknown> {
    // Beyond what a timer holds, the hard limit comes first.
    if (keep.loaderSoftTimeoutMs > MAX_TIMEOUT_MS) return await flight.done
    const late = Symbol('late')
    const first = await within(flight.done, keep.loaderSoftTimeoutMs, late, this.#limits.clock)
    if (first !== late) return first
    const fallback = this.#loads.fallback(flight)
    if (fallback === undefined) return await flight.done
    this.#count(space, 'timeout')
    return fallback.value
  }

  #considerEarly<Value>(
    space: Namespace,
    entry: Entry,
    load: (signal: AbortSignal) => Promise<Value>,
    options: SetOptions,
  ): void {
    const gap = entry.loadMs * (options.earlyExpirationBeta ?? space.keep.earlyExpirationBeta)
    const remainingMs = this.#tier.remaining(entry)
    if (remainingMs > gap * FARTHEST_DRAW || -gap * Math.log(1 - this.#limits.random()) < remainingMs) return
    if (this.#loads.running(space, entry.id) !== undefined) return
    space.earlyRefreshes.add()
    this.#loads.start(loadJob(space, entry.id, load, options, this.#tier.tags(space, options.tags)), entry)
  }

  #asks(space: Namespace): boolean {
    return this.#shared?.available === true && space.keep.tiers !== 'memory'
  }

  /** One look-up per key at a time. */
  #lookUp(shared: StoreTier, space: Namespace, id: string): Promise<SharedValue | undefined> {
    const running = space.lookups.get(id)
    // Of which tags its value will be is not known yet: none may have been invalidated since.
    if (running?.version === this.#tier.log.version) return running.done
    const lookup = new Lookup(this.#tier.log.version, (own) =>
      shared.get(space, id).then((answer) => {
        if (space.lookups.get(id) === own) space.lookups.delete(id)
        return this.#take(space, id, own, answer)
      }),
    )
    space.lookups.set(id, lookup)
    return lookup.done
  }

  /** The value if it is fresh; kept in memory unless something was invalidated since the question. */
  #take(
    space: Namespace,
    id: string,
    flight: { version: number; superseded: boolean },
    lookup: SharedLookup | undefined,
  ): SharedValue | undefined {
    const found = lookup?.found
    if (found === undefined || found.freshMs <= 0) return undefined
    const { value, freshMs: ttlMs, staleMs, loadMs, tags } = found
    const current = !flight.superseded && this.#tier.log.isCurrent(flight.version, tags)
    if (current && space.keep.tiers !== 'shared') {
      this.#tier.put(space, id, value, { ttlMs, staleMs, loadMs }, tags, flight.version)
    }
    return found
  }

  #count(space: Namespace, reason: 'revalidate' | 'timeout'): void {
    this.#instruments.staleServed.with({ namespace: space.name, reason }).add()
  }
}
