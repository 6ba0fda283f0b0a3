import type { Clock } from '@millrace/core'
import { cacheErrors } from '../errors.ts'
import { literalNamespace, matchGlob } from '../glob.ts'
import type { Flight } from '../loading/flight.ts'
import type { CacheInstruments } from '../metrics.ts'
import { Namespace, type NamespaceOptions } from '../namespace.ts'
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
    this.#store = new MemoryStore(limits, policy)
    this.log = new InvalidationLog(limits.maxTags)
    for (const [name, { ttlMs, tags }] of namespaces) {
      checkTtl(`namespaces.${name}.ttlMs`, ttlMs)
      checkTags(tags ?? NO_TAGS)
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

  /** The entry if it is fresh and not invalidated; drops it otherwise. */
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
    this.#store.remove(entry)
    return undefined
  }

  /** The entry was used: its eviction becomes less likely. */
  touch(entry: Entry): void {
    this.#store.touch(entry)
  }

  /** The namespace's tags and the entry's own. */
  tags(space: Namespace, own: readonly string[] = NO_TAGS): readonly string[] {
    return own.length === 0 ? space.tags : [...space.tags, ...checkTags(own)]
  }

  /** Stores what was true at `version` of the invalidation log. A value too large for one entry is counted only. */
  put(
    space: Namespace,
    id: string,
    value: unknown,
    options: SetOptions,
    tags: readonly string[],
    version: number,
  ): void {
    this.#checkKey(space, id)
    const ttlMs = options.ttlMs === undefined ? space.ttlMs : checkTtl('ttlMs', options.ttlMs)
    const size = options.sizeBytes ?? measureValue(value)
    if (typeof size !== 'number') {
      const path = findPath(value, size.type)
      throw cacheErrors.VALUE_NOT_SERIALISABLE({ namespace: space.name, id, path, type: size.type })
    }
    const bytes = size + entryOverhead(id) + tags.length * 16
    if (bytes > this.#limits.maxEntryBytes) {
      space.rejectionCounter.add()
      const outdated = space.entries.get(id)
      if (outdated !== undefined) this.#store.remove(outdated)
      return
    }
    const storedAt = this.#clock.monotonic()
    const expiresAt = storedAt + ttlMs
    this.#store.put(new Entry({ namespace: space, id, value, bytes, storedAt, expiresAt, tags, version }))
  }

  delete(space: Namespace, id: string): boolean {
    this.#instruments.invalidations.with({ kind: 'key' }).add()
    this.supersede(space, id)
    const entry = this.live(space, id)
    if (entry === undefined) return false
    this.#store.remove(entry)
    return true
  }

  deletePattern(pattern: string): number {
    this.#instruments.invalidations.with({ kind: 'pattern' }).add()
    const only = literalNamespace(pattern)
    let deleted = 0
    for (const space of this.#namespaces.values()) {
      if (only !== undefined && only !== space.name) continue
      const matches = (id: string): boolean => matchGlob(pattern, `${space.name}:${id}`)
      for (const id of space.flights.keys()) if (matches(id)) this.supersede(space, id)
      for (const [id, entry] of space.entries) {
        if (!matches(id)) continue
        this.#store.remove(entry)
        deleted++
      }
    }
    return deleted
  }

  invalidateTags(tags: readonly string[]): number {
    checkTags(tags)
    for (const tag of tags) this.log.invalidate(tag)
    this.#instruments.invalidations.with({ kind: 'tag' }).add(tags.length)
    return tags.length
  }

  clear(namespace?: string): void {
    this.#instruments.invalidations.with({ kind: 'clear' }).add()
    for (const space of this.#namespaces.values()) {
      if (namespace !== undefined && namespace !== space.name) continue
      for (const id of space.flights.keys()) this.supersede(space, id)
      for (const entry of space.entries.values()) this.#store.remove(entry)
    }
  }

  isCurrent(flight: Flight): boolean {
    return !flight.superseded && this.log.isCurrent(flight.version, flight.tags)
  }

  /** What is being produced for the key is outdated: it must be neither joined nor stored. */
  supersede(space: Namespace, id: string): void {
    const flight = space.flights.get(id)
    if (flight === undefined) return
    flight.superseded = true
    space.flights.delete(id)
  }

  stats(): CacheStats {
    return cacheStats(this.#limits, this.#store, this.#namespaces.values())
  }

  /** Drops everything; opening a namespace throws `reason` from now on. */
  close(reason: Error): void {
    this.clear()
    this.#namespaces.clear()
    this.#closed = reason
  }

  #checkKey(space: Namespace, id: string): void {
    const max = this.#limits.maxKeyLength
    if (id.length <= max) return
    throw cacheErrors.KEY_TOO_LONG({ namespace: space.name, length: id.length, max })
  }
}
