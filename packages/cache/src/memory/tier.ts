import type { Clock } from '@millrace/core'
import { ReadObserver } from '../curve/observer.ts'
import { publishReports } from '../curve/publication.ts'
import type { CacheReport } from '../curve/report.ts'
import { cacheErrors } from '../errors.ts'
import { literalNamespace, matchGlob } from '../glob.ts'
import type { Flight } from '../loading/flight.ts'
import type { CacheInstruments } from '../metrics.ts'
import { Namespace, type NamespaceOptions } from '../namespace.ts'
import { KEEP_DEFAULTS, resolveKeep, staleWindow } from '../keep.ts'
import { checkTags, checkTtl, type CacheLimits, type SetOptions } from '../options.ts'
import { cacheStats, type CacheStats } from '../stats.ts'
import { Entry } from './entry.ts'
import type { EvictionPolicy } from './eviction.ts'
import { ReadTime } from './read-time.ts'
import { entryOverhead, findPath, measureValue } from './size.ts'
import { MemoryStore } from './store.ts'
import { InvalidationLog } from './versions.ts'

const NAMESPACE = /^[A-Za-z0-9_.-]{1,64}$/
const NO_TAGS: readonly string[] = []

export interface PutOptions extends SetOptions {
  /** Milliseconds that it may be served after its time. Default: from the other settings. */
  staleMs?: number
  /** How long it took to make, milliseconds. Default 0: unknown. */
  loadMs?: number
}

/** The memory tier: entries by namespace and identifier, their validity and their invalidation. Synchronous. */
export class MemoryTier {
  readonly log: InvalidationLog
  readonly #limits: CacheLimits
  readonly #clock: Clock
  readonly #readTime: ReadTime
  readonly #instruments: CacheInstruments
  readonly #namespaceOptions: ReadonlyMap<string, NamespaceOptions>
  readonly #namespaces = new Map<string, Namespace>()
  readonly #store: MemoryStore
  readonly #observer: ReadObserver
  readonly #stopPublishing: () => void
  #closed: Error | undefined

  constructor(
    limits: CacheLimits,
    policy: EvictionPolicy,
    instruments: CacheInstruments,
    namespaces: ReadonlyMap<string, NamespaceOptions>,
  ) {
    this.#limits = limits
    this.#clock = limits.clock
    this.#readTime = new ReadTime(limits.clock)
    this.#instruments = instruments
    this.#namespaceOptions = namespaces
    this.#observer = new ReadObserver({
      limits,
      clock: limits.clock,
      used: () => this.#store,
      namespaces: () => this.#namespaces.values(),
    })
    this.#stopPublishing = publishReports(this.#observer, instruments, limits.clock)
    this.#store = new MemoryStore(limits, policy, this.#observer)
    this.log = new InvalidationLog(limits.maxTags)
    instruments.maxEntries.set(limits.maxEntries)
    instruments.maxSize.set(limits.maxBytes)
    for (const [name, options] of namespaces) {
      checkTtl(`namespaces.${name}.ttlMs`, options.ttlMs)
      checkTags(options.tags ?? NO_TAGS)
      resolveKeep(options, KEEP_DEFAULTS)
    }
  }

  find(name: string): Namespace | undefined {
    return this.#namespaces.get(name)
  }

  /** The namespace of that name, made at first use. */
  open(name: string): Namespace {
    return this.#namespaces.get(name) ?? this.#make(name)
  }

  #make(name: string): Namespace {
    if (this.#closed !== undefined) throw this.#closed
    if (typeof name !== 'string' || !NAMESPACE.test(name)) {
      throw cacheErrors.NAMESPACE_INVALID({ namespace: name })
    }
    if (this.#namespaces.size >= this.#limits.maxNamespaces) {
      throw cacheErrors.TOO_MANY_NAMESPACES({ namespace: name, max: this.#limits.maxNamespaces })
    }
    const options = this.#namespaceOptions.get(name) ?? { ttlMs: this.#limits.defaultTtlMs }
    const space = new Namespace(name, options, this.#instruments)
    this.#namespaces.set(name, space)
    return space
  }

  /** The entry if it is fresh and not invalidated; drops it otherwise, unless it may be served stale. */
  live(space: Namespace, id: string): Entry | undefined {
    const entry = space.entries.get(id)
    if (entry === undefined) {
      this.#checkKey(space, id)
      return undefined
    }
    const fresh = entry.expiresAt === Infinity || this.#readTime.now() < entry.expiresAt
    if (fresh && this.log.isCurrent(entry.version, entry.tags)) {
      // Seen valid at this version: the next read compares one number instead of looking up each tag.
      entry.version = this.log.version
      return entry
    }
    if (!this.#mayServeStale(entry)) this.#store.remove(entry)
    return undefined
  }

  /**
   * An entry that `live` does not return but that may stand in when there is nothing better: past its time, or of the time
   * before invalidations of other processes were missed. Never one that is known to be invalidated.
   */
  stale(space: Namespace, id: string): Entry | undefined {
    const entry = space.entries.get(id)
    return entry !== undefined && this.#mayServeStale(entry) ? entry : undefined
  }

  /** Milliseconds until the entry's time is over; negative after it. */
  remaining(entry: Entry): number {
    return entry.expiresAt - this.#readTime.now()
  }

  /** Only missed invalidations speak against it. */
  isSuspect(entry: Entry): boolean {
    return !this.log.isCurrent(entry.version, entry.tags)
  }

  #mayServeStale(entry: Entry): boolean {
    if (this.log.isInvalidated(entry.version, entry.tags)) return false
    return this.#readTime.now() < entry.expiresAt + entry.staleMs
  }

  /** The entry was used: its eviction becomes less likely. */
  touch(entry: Entry): void {
    this.#store.touch(entry)
  }

  /** A read found nothing fresh in memory. */
  missed(space: Namespace, id: string): void {
    this.#observer.miss(space, id)
  }

  /** The namespace's tags and the entry's own. */
  tags(space: Namespace, own: readonly string[] = NO_TAGS): readonly string[] {
    return own.length === 0 ? space.tags : [...space.tags, ...checkTags(own)]
  }

  /**
   * Stores what was true at `version` of the invalidation log. Undefined: a value too large for one entry, which is
   * counted.
   */
  put(
    space: Namespace,
    id: string,
    value: unknown,
    options: PutOptions,
    tags: readonly string[],
    version: number,
  ): Entry | undefined {
    const ttlMs = options.ttlMs ?? space.ttlMs
    const staleMs = options.staleMs ?? staleWindow(resolveKeep(options, space.keep))
    const bytes = this.check(space, id, value, options) + entryOverhead(id) + tags.length * 16
    if (bytes > this.#limits.maxEntryBytes) {
      space.rejectionCounter.add()
      this.#drop(space, id)
      return undefined
    }
    const storedAt = this.#clock.monotonic()
    const expiresAt = storedAt + ttlMs
    const loadMs = Math.round(options.loadMs ?? 0)
    const fields = { namespace: space, id, value, bytes, storedAt, expiresAt, tags, version, staleMs, loadMs }
    const entry = new Entry(fields)
    this.#store.put(entry)
    return entry
  }

  /**
   * What `put` would object to.
   * @throws CACHE_KEY_TOO_LONG, CACHE_TTL_INVALID, CACHE_VALUE_NOT_SERIALISABLE
   */
  check(space: Namespace, id: string, value: unknown, options: PutOptions): number {
    this.#checkKey(space, id)
    if (options.ttlMs !== undefined) checkTtl('ttlMs', options.ttlMs)
    const size = options.sizeBytes ?? measureValue(value)
    if (typeof size === 'number') return size
    const path = findPath(value, size.type)
    throw cacheErrors.VALUE_NOT_SERIALISABLE({ namespace: space.name, id, path, type: size.type })
  }

  delete(space: Namespace, id: string): boolean {
    this.#instruments.invalidations.with({ kind: 'key' }).add()
    this.#checkKey(space, id)
    const known = this.live(space, id) !== undefined
    this.supersede(space, id)
    this.#drop(space, id)
    return known
  }

  deletePattern(pattern: string): number {
    this.#instruments.invalidations.with({ kind: 'pattern' }).add()
    return this.dropPattern(pattern)
  }

  invalidateTags(tags: readonly string[]): number {
    checkTags(tags)
    for (const tag of tags) this.log.invalidate(tag)
    this.#instruments.invalidations.with({ kind: 'tag' }).add(tags.length)
    return tags.length
  }

  clear(namespace?: string): void {
    this.#instruments.invalidations.with({ kind: 'clear' }).add()
    this.dropAll(namespace)
  }

  /** As `delete`, for what another process deleted. */
  dropKey(namespace: string, id: string): void {
    const space = this.#namespaces.get(namespace)
    if (space === undefined) return
    this.supersede(space, id)
    this.#drop(space, id)
  }

  dropPattern(pattern: string): number {
    const only = literalNamespace(pattern)
    let deleted = 0
    for (const space of this.#namespaces.values()) {
      if (only !== undefined && only !== space.name) continue
      const matches = (id: string): boolean => matchGlob(pattern, `${space.name}:${id}`)
      this.#supersedeAll(space, matches)
      for (const [id, entry] of space.entries) {
        if (!matches(id)) continue
        this.#store.remove(entry)
        deleted++
      }
    }
    return deleted
  }

  dropAll(namespace?: string): void {
    for (const space of this.#namespaces.values()) {
      if (namespace !== undefined && namespace !== space.name) continue
      this.#supersedeAll(space, () => true)
      for (const entry of space.entries.values()) this.#store.remove(entry)
    }
  }

  /** Invalidations were missed: nothing here is sure until it has been read anew. */
  suspect(): void {
    this.log.suspect()
  }

  isCurrent(flight: Flight): boolean {
    return !flight.superseded && this.log.isCurrent(flight.version, flight.tags)
  }

  /** What is being produced for the key is outdated: it must be neither joined nor stored. */
  supersede(space: Namespace, id: string): void {
    space.changes++
    for (const flights of [space.flights, space.lookups]) {
      const flight = flights.get(id)
      if (flight === undefined) continue
      flight.superseded = true
      flights.delete(id)
    }
  }

  #supersedeAll(space: Namespace, matches: (id: string) => boolean): void {
    space.changes++
    for (const flights of [space.flights, space.lookups]) {
      for (const id of flights.keys()) if (matches(id)) this.supersede(space, id)
    }
  }

  #drop(space: Namespace, id: string): void {
    const entry = space.entries.get(id)
    if (entry !== undefined) this.#store.remove(entry)
  }

  /** How the memory is used: the miss-ratio curve, the hottest keys, and what is wrong. */
  report(): CacheReport {
    return this.#observer.report()
  }

  stats(): CacheStats {
    return cacheStats(this.#limits, this.#store, this.#namespaces.values())
  }

  /** Drops everything; opening a namespace throws `reason` from now on. */
  close(reason: Error): void {
    this.#stopPublishing()
    this.dropAll()
    this.#namespaces.clear()
    this.#closed = reason
  }

  #checkKey(space: Namespace, id: string): void {
    const max = this.#limits.maxKeyLength
    if (id.length <= max) return
    throw cacheErrors.KEY_TOO_LONG({ namespace: space.name, length: id.length, max })
  }
}
