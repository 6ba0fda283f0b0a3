import type { Clock } from '@millrace/core'
import type { Invalidation, Notice, SharedRecord, SharedWrite, Stamps, Version } from './driver.ts'

export interface MemoryServerLimits {
  clock: Clock
  maxRecords: number
  maxBytes: number
  maxStamps: number
  maxNotices: number
}

interface Stored {
  version: Version
  /** A tombstone has none. */
  payload: Buffer | undefined
  /** On the monotonic clock. */
  expiresAt: number
  bytes: number
}

/** Bookkeeping of one record, estimated. */
const RECORD_OVERHEAD_BYTES = 120

/** What several drivers of one process share: records, stamps, the log of invalidations and locks. Synchronous. */
export class MemoryServer {
  readonly #limits: MemoryServerLimits
  // In the order of use, the least recently used first.
  readonly #records = new Map<string, Stored>()
  // In the order of invalidation, the oldest first.
  readonly #stamps = new Map<string, Version>()
  readonly #locks = new Map<string, { token: string; expiresAt: number }>()
  readonly #watchers = new Set<() => void>()
  #log: Notice[] = []
  #bytes = 0
  #version: Version
  #floor: Version = 0
  /** The latest notice that is no longer in the log. */
  #forgotten: Version = 0
  #available = true

  constructor(limits: MemoryServerLimits) {
    this.#limits = limits
    this.#version = this.#time()
  }

  get available(): boolean {
    return this.#available
  }

  get version(): Version {
    return this.#version
  }

  get usedBytes(): number {
    return this.#bytes
  }

  get maxBytes(): number {
    return this.#limits.maxBytes
  }

  /** False: as if the server were away, for every driver. */
  setAvailable(available: boolean): void {
    this.#available = available
    this.#announce()
  }

  /** Forgets everything, as FLUSHALL does. */
  flush(): void {
    this.#records.clear()
    this.#locks.clear()
    this.#bytes = 0
    this.loseHistory()
  }

  /** Forgets stamps and log but not the records, as an eviction or a fail-over may. */
  loseHistory(): void {
    this.#stamps.clear()
    this.#log = []
    this.#floor = this.#next()
    this.#forgotten = this.#floor
    this.#announce()
  }

  stamps(names: readonly string[]): Stamps {
    const stamps = names.map((name) => this.#stamps.get(name) ?? 0)
    return { version: this.#version, floor: this.#floor, stamps }
  }

  get(key: string): SharedRecord | undefined {
    const stored = this.#live(key)
    if (stored?.payload === undefined) return undefined
    this.#records.delete(key)
    this.#records.set(key, stored)
    return { version: stored.version, payload: stored.payload }
  }

  put({ key, version, payload, ttlMs }: SharedWrite): boolean {
    const standing = this.#live(key)
    if (standing !== undefined && standing.version > version) return false
    // A copy: the caller's buffer may be a part of a larger one, or be used again.
    this.#store(key, version, Buffer.from(payload), ttlMs)
    return true
  }

  invalidate(what: Invalidation, origin: string, tombstoneMs: number): Version {
    const version = this.#next()
    if (what.kind === 'keys') {
      for (const key of what.keys) this.#store(key, version, undefined, tombstoneMs)
    } else if (what.kind === 'stamps') {
      for (const name of what.names) this.#stamp(name, version)
    }
    this.#log.push({ version, origin, what })
    if (this.#log.length > this.#limits.maxNotices) this.#forgotten = this.#log.shift()!.version
    this.#announce()
    return version
  }

  /** Undefined: the log does not reach back to `after`. */
  noticesAfter(after: Version): Notice[] | undefined {
    if (after < this.#forgotten) return undefined
    return this.#log.filter(({ version }) => version > after)
  }

  /** What of the log is patterns. */
  patterns(): Notice[] {
    return this.#log.filter(({ what }) => what.kind === 'pattern')
  }

  /** The keys of live records, tombstones left out. */
  *keys(): Generator<string> {
    for (const key of this.#records.keys()) {
      if (this.#live(key)?.payload !== undefined) yield key
    }
  }

  remove(key: string): void {
    const stored = this.#records.get(key)
    if (stored === undefined) return
    this.#records.delete(key)
    this.#bytes -= stored.bytes
  }

  lock(key: string, token: string, ttlMs: number): boolean {
    const holder = this.#holder(key)
    if (holder !== undefined && holder !== token) return false
    this.#locks.set(key, { token, expiresAt: this.#limits.clock.monotonic() + ttlMs })
    return true
  }

  extend(key: string, token: string, ttlMs: number): boolean {
    return this.#holder(key) === token && this.lock(key, token, ttlMs)
  }

  unlock(key: string, token: string): void {
    if (this.#holder(key) === token) this.#locks.delete(key)
  }

  /** Calls `watch` after each invalidation and each change of availability; returns how to end it. */
  watch(watch: () => void): () => void {
    this.#watchers.add(watch)
    return () => void this.#watchers.delete(watch)
  }

  #holder(key: string): string | undefined {
    const lock = this.#locks.get(key)
    if (lock === undefined || lock.expiresAt > this.#limits.clock.monotonic()) return lock?.token
    this.#locks.delete(key)
    return undefined
  }

  #live(key: string): Stored | undefined {
    const stored = this.#records.get(key)
    if (stored === undefined || stored.expiresAt > this.#limits.clock.monotonic()) return stored
    this.remove(key)
    return undefined
  }

  #store(key: string, version: Version, payload: Buffer | undefined, ttlMs: number): void {
    this.remove(key)
    const bytes = key.length * 2 + (payload?.length ?? 0) + RECORD_OVERHEAD_BYTES
    const expiresAt = this.#limits.clock.monotonic() + ttlMs
    this.#records.set(key, { version, payload, expiresAt, bytes })
    this.#bytes += bytes
    while (this.#bytes > this.#limits.maxBytes || this.#records.size > this.#limits.maxRecords) {
      const oldest = this.#records.keys().next().value!
      // What a tombstone keeps out would come back: everything from before it is stale instead.
      if (this.#records.get(oldest)?.payload === undefined && this.#live(oldest) !== undefined) {
        this.#floor = Math.max(this.#floor, this.#records.get(oldest)!.version)
      }
      this.remove(oldest)
    }
  }

  #stamp(name: string, version: Version): void {
    this.#stamps.delete(name)
    this.#stamps.set(name, version)
    if (this.#stamps.size <= this.#limits.maxStamps) return
    const [oldest, forgotten] = this.#stamps.entries().next().value!
    this.#stamps.delete(oldest)
    this.#floor = Math.max(this.#floor, forgotten)
  }

  #next(): Version {
    this.#version = Math.max(this.#version + 1, this.#time())
    return this.#version
  }

  #time(): Version {
    return Math.floor(this.#limits.clock.now() * 1_000)
  }

  #announce(): void {
    for (const watch of this.#watchers) watch()
  }
}
