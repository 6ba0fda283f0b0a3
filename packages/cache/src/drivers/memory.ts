import { randomUUID } from 'node:crypto'
import { systemClock, type Clock } from '@millrace/core'
import { cacheErrors } from '../errors.ts'
import { matchGlob } from '../glob.ts'
import { whole } from '../options.ts'
import type {
  Follower,
  Invalidation,
  SharedRead,
  SharedStore,
  SharedWrite,
  Stamps,
  Version,
} from './driver.ts'
import { MemoryFollower } from './memory-follower.ts'
import { MemoryServer } from './memory-server.ts'

export interface MemoryStoreOptions {
  /** Issues versions and ends leases. Default: the system's. */
  clock?: Clock
  /** Default 100,000, tombstones included. The least recently used go first. */
  maxRecords?: number
  /** Estimated memory of all records. Default 64 MiB. */
  maxBytes?: number
  /** How many stamps are remembered one by one. Default 100,000. */
  maxStamps?: number
  /** How many invalidations a follower that was away can catch up with. Default 10,000. */
  maxNotices?: number
}

export interface MemoryDriverOptions {
  /** Names the process in its notices. Default: random. */
  origin?: string
  /** How long a tombstone keeps late writes out. Default 60 s. */
  tombstoneMs?: number
}

/** A shared store in this process: for one process, for tests, and several caches of one process may share one. */
export interface MemoryStore {
  /** A driver of this store, like one connection more to a server. */
  driver(options?: MemoryDriverOptions): SharedStore
  /** As if the server went away: every call rejects and followers are cut off. */
  disconnect(): void
  /** Back again, with what it held. */
  reconnect(): void
  /** Forgets everything, as FLUSHALL does. */
  flush(): void
  /** Forgets stamps and log but keeps the records, as an eviction or a fail-over may. */
  loseHistory(): void
}

/** @throws CACHE_OPTION_INVALID */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const server = new MemoryServer({
    clock: options.clock ?? systemClock,
    maxRecords: whole('maxRecords', options.maxRecords ?? 100_000),
    maxBytes: whole('maxBytes', options.maxBytes ?? 64 * 1_048_576),
    maxStamps: whole('maxStamps', options.maxStamps ?? 100_000),
    maxNotices: whole('maxNotices', options.maxNotices ?? 10_000),
  })
  return {
    driver: ({ origin = randomUUID(), tombstoneMs = 60_000 } = {}) =>
      new MemoryDriver(server, origin, whole('tombstoneMs', tombstoneMs)),
    disconnect: () => server.setAvailable(false),
    reconnect: () => server.setAvailable(true),
    flush: () => server.flush(),
    loseHistory: () => server.loseHistory(),
  }
}

/** Keys looked at before others get a turn. */
const SWEEP_STEP = 1_000

class MemoryDriver implements SharedStore {
  readonly name = 'memory'
  readonly origin: string
  readonly #server: MemoryServer
  readonly #tombstoneMs: number
  #state: 'new' | 'connected' | 'closed' = 'new'
  #follower: MemoryFollower | undefined

  constructor(server: MemoryServer, origin: string, tombstoneMs: number) {
    this.#server = server
    this.origin = origin
    this.#tombstoneMs = tombstoneMs
  }

  async connect(): Promise<void> {
    if (this.#state === 'closed') throw cacheErrors.STORE_CLOSED({ store: this.name })
    this.#state = 'connected'
  }

  async read(keys: readonly string[], stampNames: readonly string[]): Promise<SharedRead> {
    const server = this.#reach()
    return { ...server.stamps(stampNames), records: keys.map((key) => server.get(key)) }
  }

  async stamps(names: readonly string[]): Promise<Stamps> {
    return this.#reach().stamps(names)
  }

  async write(records: readonly SharedWrite[]): Promise<boolean[]> {
    const server = this.#reach()
    return records.map((record) => server.put(record))
  }

  async invalidate(what: Invalidation): Promise<Version> {
    return this.#reach().invalidate(what, this.origin, this.#tombstoneMs)
  }

  async sweep(pattern: string, signal: AbortSignal): Promise<number> {
    let looked = 0
    let removed = 0
    for (const key of this.#reach().keys()) {
      if (++looked % SWEEP_STEP === 0) await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      this.#reach()
      if (!matchGlob(pattern, key)) continue
      this.#server.remove(key)
      removed++
    }
    return removed
  }

  async list(
    pattern: string,
    { limit, maxScanned }: { limit: number; maxScanned: number },
  ): Promise<{ keys: string[]; more: boolean }> {
    const keys: string[] = []
    let scanned = 0
    for (const key of this.#reach().keys()) {
      if (scanned++ >= maxScanned) return { keys, more: true }
      if (!matchGlob(pattern, key)) continue
      if (keys.length >= limit) return { keys, more: true }
      keys.push(key)
    }
    return { keys, more: false }
  }

  async lock(key: string, token: string, ttlMs: number): Promise<boolean> {
    return this.#reach().lock(key, token, ttlMs)
  }

  async extend(key: string, token: string, ttlMs: number): Promise<boolean> {
    return this.#reach().extend(key, token, ttlMs)
  }

  async unlock(key: string, token: string): Promise<void> {
    this.#reach().unlock(key, token)
  }

  async follow(follower: Follower): Promise<() => Promise<void>> {
    if (this.#state === 'closed') throw cacheErrors.STORE_CLOSED({ store: this.name })
    if (this.#follower !== undefined) throw cacheErrors.STORE_FOLLOWED({ store: this.name })
    const following = new MemoryFollower(this.#server, follower)
    this.#follower = following
    return async () => {
      following.end()
      if (this.#follower === following) this.#follower = undefined
    }
  }

  async ping(): Promise<{ usedBytes: number; maxBytes: number | null; servers: number }> {
    const { usedBytes, maxBytes } = this.#reach()
    return { usedBytes, maxBytes, servers: 1 }
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    this.#follower?.end()
    this.#follower = undefined
  }

  #reach(): MemoryServer {
    if (this.#state === 'closed') throw cacheErrors.STORE_CLOSED({ store: this.name })
    if (this.#state === 'connected' && this.#server.available) return this.#server
    const reason = this.#state === 'new' ? 'connect() was not called' : 'it is away'
    throw cacheErrors.STORE_UNAVAILABLE({ store: this.name, reason })
  }
}
