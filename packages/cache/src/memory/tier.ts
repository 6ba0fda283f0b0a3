import type { Clock } from '@millrace/core'
import { ReadObserver } from '../curve/observer.ts'
import { publishReports } from '../curve/publication.ts'
import type { CacheReport } from '../curve/report.ts'
import type { Flight } from '../loading/flight.ts'
import type { CacheInstruments } from '../metrics.ts'
import { resolveKeep, staleWindow } from '../keep.ts'
import type { Namespace, NamespaceOptions } from '../namespace.ts'
import { checkTags, type CacheLimits, type SetOptions } from '../options.ts'
import { cacheStats, type CacheStats } from '../stats.ts'
import { checkEntry, checkKey } from './admission.ts'
import { dropAll, dropPattern } from './dropping.ts'
import { Entry } from './entry.ts'
import type { EvictionPolicy } from './eviction.ts'
import { Namespaces } from './namespaces.ts'
import { ReadTime } from './read-time.ts'
import { entryOverhead } from './size.ts'
import { MemoryStore } from './store.ts'
import { OperationSamples } from './samples.ts'
import { InvalidationLog } from './versions.ts'

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
  readonly #namespaces: Namespaces
  readonly #store: MemoryStore
  readonly #observer: ReadObserver
  readonly #stopPublishing: () => void
  readonly #samples: OperationSamples

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
    this.#namespaces = new Namespaces(limits, instruments, namespaces)
    this.#observer = new ReadObserver({
      limits,
      clock: limits.clock,
      used: () => this.#store,
      namespaces: () => this.#namespaces.values(),
    })
    this.#stopPublishing = publishReports(this.#observer, instruments, limits.clock)
    this.#store = new MemoryStore(limits, policy, this.#observer)
    this.log = new InvalidationLog(limits.maxTags)
    this.#samples = new OperationSamples(instruments, limits.clock)
    // Several caches of one process add up, as their entries do.
    instruments.maxEntries.add(limits.maxEntries)
    instruments.maxSize.add(limits.maxBytes)
  }

  /** Undefined before its first use. */
  find(name: string): Namespace | undefined {
    return this.#namespaces.find(name)
  }

  /** The namespace of that name, made at first use. */
  open(name: string): Namespace {
    return this.#namespaces.open(name)
  }

  /** The entry if it is fresh and not invalidated; drops it otherwise, unless it may be served stale. */
  live(space: Namespace, id: string): Entry | undefined {
    const entry = space.entries.get(id)
    if (entry === undefined) {
      checkKey(space, id, this.#limits.maxKeyLength)
      return undefined
    }
    if (this.#readTime.now() < entry.expiresAt) {
      const { version } = this.log
      if (entry.version === version) return entry
      if (this.log.isCurrent(entry.version, entry.tags)) {
        // Seen valid at this version: the next read compares one number instead of looking up each tag.
        entry.version = version
        return entry
      }
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

  /** Measures a read like the one that was just made. */
  sampleRead(space: Namespace, id: string): void {
    this.#samples.read(() => this.live(space, id))
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
    const bytes =
      checkEntry(space, id, value, options, this.#limits.maxKeyLength) + entryOverhead(id) + tags.length * 16
    if (bytes > this.#limits.maxEntryBytes) {
      space.rejectionCounter.add()
      this.#drop(space, id)
      return undefined
    }
    const sampled = this.#samples.begin()
    // Whole milliseconds: V8 keeps those in the entry itself, where a fraction would be an object of its own.
    const storedAt = Math.floor(this.#clock.monotonic())
    const expiresAt = storedAt + Math.ceil(ttlMs)
    const loadMs = Math.round(options.loadMs ?? 0)
    const fields = { namespace: space, id, value, bytes, storedAt, expiresAt, tags, version, staleMs, loadMs }
    const entry = new Entry(fields)
    this.#store.put(entry)
    if (sampled !== undefined) this.#samples.stored(sampled)
    return entry
  }

  /** Throws what `put` would throw. */
  check(space: Namespace, id: string, value: unknown, options: PutOptions): void {
    checkEntry(space, id, value, options, this.#limits.maxKeyLength)
  }

  delete(space: Namespace, id: string): boolean {
    this.#instruments.invalidations.with({ kind: 'key' }).add()
    checkKey(space, id, this.#limits.maxKeyLength)
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
    const space = this.#namespaces.find(namespace)
    if (space === undefined) return
    this.supersede(space, id)
    this.#drop(space, id)
  }

  dropPattern(pattern: string): number {
    return dropPattern(this.#namespaces.values(), this.#store, pattern)
  }

  dropAll(namespace?: string): void {
    dropAll(this.#namespaces.values(), this.#store, namespace)
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
    space.supersede(id)
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
    this.#namespaces.close(reason)
    this.#instruments.maxEntries.add(-this.#limits.maxEntries)
    this.#instruments.maxSize.add(-this.#limits.maxBytes)
  }
}
