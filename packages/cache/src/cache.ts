import type { Cache } from '@millrace/core'
import { assemble, type CacheInside } from './assemble.ts'
import type { CacheReport } from './curve/report.ts'
import { cacheErrors } from './errors.ts'
import type { CacheParts } from './http/response-cache.ts'
import type { MemoryTier } from './memory/tier.ts'
import type { CacheInstruments } from './metrics.ts'
import type { CacheOptions, RefreshSettings, SetOptions } from './options.ts'
import type { SharedStatus } from './shared/open-tier.ts'
import { describeEntry, type CacheStats, type EntryDescription } from './stats.ts'
import { TypedNamespace, type NamespaceTable, type ValueOf } from './typed-namespace.ts'
import { WritingSurface } from './writing/surface.ts'

const NO_OPTIONS: SetOptions = {}
/** Of so many asynchronous hits in memory, one is measured. A power of two. */
const READS_PER_SAMPLE = 256

/**
 * A cache in this process's memory and, when it is given one, in a tier that processes share. What memory holds is answered
 * synchronously inside. Values are returned as stored, not copied: treat them as frozen.
 */
export class CacheManager<Table extends NamespaceTable = NamespaceTable>
  extends WritingSurface
  implements Cache
{
  readonly #inside: CacheInside
  readonly #tier: MemoryTier
  readonly #closed = new AbortController()
  #closing: Promise<void> | undefined
  #reads = 0
  protected readonly parts: CacheParts
  protected readonly instruments: CacheInstruments

  constructor(options: CacheOptions<Table> = {}) {
    super()
    const inside = assemble(options, this.#closed.signal)
    this.#inside = inside
    this.#tier = inside.tier
    this.instruments = inside.instruments
    this.parts = { ...inside, shared: inside.shared?.tier }
  }

  get<Value>(namespace: string, id: string): Promise<Value | undefined> {
    // Without a function in between: what a closure costs is as much as the read.
    try {
      const space = this.#tier.open(namespace)
      const entry = this.#tier.live(space, id)
      if (entry === undefined) {
        this.#tier.missed(space, id)
        return this.#inside.reading.get(space, id) as Promise<Value | undefined>
      }
      space.hit()
      this.#tier.touch(entry)
      if ((++this.#reads & (READS_PER_SAMPLE - 1)) === 0) this.#tier.sampleRead(space, id)
      return Promise.resolve(entry.value as Value)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** The same from memory alone, at once. */
  // The caller states the type, as in the port.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  getSync<Value>(namespace: string, id: string): Value | undefined {
    const space = this.#tier.open(namespace)
    const entry = this.#tier.live(space, id)
    if (entry === undefined) {
      space.miss()
      this.#tier.missed(space, id)
      return undefined
    }
    space.hit()
    this.#tier.touch(entry)
    return entry.value as Value
  }

  /** Reads without counting and without making the entry's eviction less likely. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  peek<Value>(namespace: string, id: string): Value | undefined {
    const space = this.#tier.find(namespace)
    return space === undefined ? undefined : (this.#tier.live(space, id)?.value as Value | undefined)
  }

  /** Whether a fresh entry exists, also for a value that is `undefined`. Not counted. */
  has(namespace: string, id: string): boolean {
    const space = this.#tier.find(namespace)
    return space !== undefined && this.#tier.live(space, id) !== undefined
  }

  /** What is known of an entry besides its value. Not counted. */
  entry(namespace: string, id: string): EntryDescription | undefined {
    const space = this.#tier.find(namespace)
    const entry = space === undefined ? undefined : this.#tier.live(space, id)
    return entry === undefined ? undefined : describeEntry(entry, this.#inside.limits.clock.monotonic())
  }

  /** The values that are there, by identifier; what memory does not hold is asked for in one round trip. */
  async getMany<Value>(namespace: string, ids: readonly string[]): Promise<Map<string, Value>> {
    return await this.#inside.reading.getMany(namespace, ids)
  }

  /**
   * Stores a value, in memory at once, and in the shared tier before it resolves. One that is larger than an entry may be is
   * not stored, which is counted and not an error. A bare number is the time to live in seconds, as in `set(namespace,
   * identifier, data, ttl)` of older code.
   * @throws CACHE_KEY_INVALID, CACHE_KEY_TOO_LONG, CACHE_NAMESPACE_INVALID, CACHE_TTL_INVALID, CACHE_TAG_INVALID, CACHE_OPTION_INVALID,
   * CACHE_VALUE_INVALID, CACHE_VALUE_NOT_SERIALISABLE
   */
  async set(
    namespace: string,
    id: string,
    value: unknown,
    options: SetOptions | number = NO_OPTIONS,
  ): Promise<void> {
    const given = typeof options === 'number' ? { ttlMs: options * 1_000 } : options
    await this.#inside.storing.set(namespace, [[id, value]], given)
  }

  /** The same as `set`; the shared tier follows. */
  setSync(namespace: string, id: string, value: unknown, options: SetOptions = NO_OPTIONS): void {
    this.#inside.storing.setSync(namespace, id, value, options)
  }

  /** All of them in two round trips: one makes older values stale everywhere, one stores the new ones. */
  async setMany(
    namespace: string,
    values: Iterable<readonly [id: string, value: unknown]>,
    options: SetOptions = NO_OPTIONS,
  ): Promise<void> {
    await this.#inside.storing.set(namespace, [...values], options)
  }

  /**
   * Reads, or loads and stores. Concurrent calls for one key, in all processes that share a tier, share one load, with the
   * options of the first; an error is handed to all of this process and not stored.
   * @throws CACHE_LOADER_TIMEOUT, what the loader throws, and what `set` throws
   */
  async getOrSet<Value>(
    namespace: string,
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options: SetOptions = NO_OPTIONS,
  ): Promise<Value> {
    const space = this.#tier.open(namespace)
    const entry = this.#tier.live(space, id)
    if (entry !== undefined) return this.#inside.reading.hit(space, entry, load, options)
    this.#tier.missed(space, id)
    return await this.#inside.reading.getOrSet(space, id, load, options)
  }

  /**
   * Loads and stores although a fresh value may be there, which is served meanwhile. Joins a load under way; an invalidation
   * during the load is not lost.
   * @throws as `getOrSet`
   */
  async refresh<Value>(
    namespace: string,
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options: RefreshSettings = NO_OPTIONS,
  ): Promise<Value> {
    return await this.#inside.reading.refresh(this.#tier.open(namespace), id, load, options)
  }

  /** Everywhere. Whether this process held it in memory. */
  delete(namespace: string, id: string): Promise<boolean> {
    return this.#inside.invalidations.delete(namespace, id)
  }

  /** Another name for `delete`. */
  del(namespace: string, id: string): Promise<boolean> {
    return this.delete(namespace, id)
  }

  /**
   * Deletes every key that matches a glob over `<namespace>:<identifier>` (`PRODUCTS:*`); `*`, `?` and `\` are
   * special. A whole namespace is one step in the shared tier; for anything else it looks at every key, in the background:
   * prefer tags on hot paths. Returns how many entries this process held in memory.
   */
  delPattern(pattern: string): Promise<number> {
    return this.#inside.invalidations.pattern(pattern)
  }

  invalidateTags(tags: readonly string[]): Promise<number> {
    return this.#inside.invalidations.tags(tags)
  }

  clear(namespace?: string): Promise<void> {
    return this.#inside.invalidations.clear(namespace)
  }

  stats(): CacheStats {
    return this.#tier.stats()
  }

  /**
   * How the memory is used at present: what the hit ratio would be with less and with more of it, the hottest keys, and
   * alerts. From a sample of the reads; older ones weigh less (half after 15 minutes).
   */
  report(): CacheReport {
    return this.#tier.report()
  }

  /** A namespace whose values have the type that its schema says. */
  namespace<Name extends keyof Table & string>(name: Name): TypedNamespace<ValueOf<Table[Name]>> {
    return new TypedNamespace(this as CacheManager, name)
  }

  /** Undefined: there is no shared tier. */
  sharedStatus(): SharedStatus | undefined {
    return this.#inside.shared?.status()
  }

  /**
   * Resolves when the shared tier is used, or its server is being looked for. Nobody needs to wait for it: until then memory
   * and loaders answer.
   * @throws what is wrong with the settings of the shared tier
   */
  async ready(): Promise<void> {
    await this.#inside.shared?.started()
  }

  /**
   * Drops everything and fails loads in progress with CACHE_CLOSED, at once; later writes and reads fail the same way.
   * Resolves when what was on its way to the shared tier has arrived, within its time limits, and connections have ended.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const reason = cacheErrors.CLOSED({ name: this.#inside.limits.name })
    this.#tier.close(reason)
    this.#closed.abort(reason)
    await Promise.all([this.#inside.storing.settle(), this.#inside.loads.settle()])
    await this.#inside.shared?.close()
  }
}

/** A cache, usable without the platform. */
export const createCache = <const Table extends NamespaceTable = NamespaceTable>(
  options?: CacheOptions<Table>,
): CacheManager<Table> => new CacheManager(options)
