import type { Clock } from '@millrace/core'
import type { SharedStore } from '../drivers/driver.ts'
import { cacheErrors } from '../errors.ts'

export interface KeyspaceList {
  names: string[]
  /** There are more than were looked for. */
  more: boolean
}

export interface KeyspaceSource {
  /** `single`, `sentinel`, `cluster` or `memory`. */
  kind: string
  /** A driver that is not connected yet. */
  driver(keyspace: string): SharedStore
  /** The keyspaces that have ever been written to. */
  discover(limit: number): Promise<KeyspaceList>
  close(): Promise<void>
}

export interface SharedProbe {
  latencyMs: number
  usedBytes: number
  maxBytes: number | null
  servers: number
}

/** Beyond it a list is cut off, and says so. */
const MAX_KEYSPACES = 200
/** A person waits for the answer: longer than a request may, shorter than patience. */
const CONNECT_LIMIT_MS = 2_000
const DISCOVER_LIMIT_MS = 10_000

/**
 * The shared tier as the control plane sees it: not one cache, but every keyspace that uses the same store. A driver is
 * opened for the moment it is needed, because purges and questions are rare; only the probe stays.
 */
export class SharedKeyspaces {
  readonly kind: string
  readonly #source: KeyspaceSource
  readonly #clock: Clock
  #probe: Promise<SharedStore> | undefined
  #known: { list: KeyspaceList; at: number } | undefined
  #closed = false

  constructor(source: KeyspaceSource, clock: Clock) {
    this.kind = source.kind
    this.#source = source
    this.#clock = clock
  }

  /**
   * Looks for keyspaces, unless that was done less than `maxAgeMs` ago: it reads every key's name.
   * @throws CACHE_STORE_UNAVAILABLE, CACHE_SHARED_SLOW
   */
  async list({ maxAgeMs = 0 }: { maxAgeMs?: number } = {}): Promise<KeyspaceList> {
    const known = this.#known
    if (known !== undefined && this.#clock.monotonic() - known.at < maxAgeMs) return known.list
    const { names, more } = await this.within(this.#source.discover(MAX_KEYSPACES), DISCOVER_LIMIT_MS)
    const list = { names: names.toSorted(), more }
    this.#known = { list, at: this.#clock.monotonic() }
    return list
  }

  /** Runs work on one keyspace and closes its driver. */
  async use<Result>(keyspace: string, work: (store: SharedStore) => Promise<Result>): Promise<Result> {
    const store = this.#source.driver(keyspace)
    try {
      await this.within(store.connect(), CONNECT_LIMIT_MS)
      return await work(store)
    } finally {
      await store.close()
    }
  }

  /** A round trip. Rejects when the store is away. */
  async ping(): Promise<SharedProbe> {
    this.#probe ??= this.#openProbe()
    const store = await this.within(this.#probe, CONNECT_LIMIT_MS)
    const startedAt = this.#clock.monotonic()
    const answer = await this.within(store.ping(), CONNECT_LIMIT_MS)
    return { latencyMs: this.#clock.monotonic() - startedAt, ...answer }
  }

  async #openProbe(): Promise<SharedStore> {
    const store = this.#source.driver('probe')
    try {
      await store.connect()
      return store
    } catch (error) {
      this.#probe = undefined
      await store.close()
      throw error
    }
  }

  /** Fails when the store does not answer in time; what it was asked goes on unseen. */
  async within<Result>(work: Promise<Result>, limitMs: number): Promise<Result> {
    if (this.#closed) throw cacheErrors.CLOSED({ name: 'control-plane' })
    const timer = new AbortController()
    const late = this.#clock.sleep(limitMs, timer.signal).then(() => {
      throw cacheErrors.SHARED_SLOW({ limitMs })
    })
    late.catch(() => undefined)
    try {
      return await Promise.race([work, late])
    } finally {
      timer.abort()
      // It lost the race: its failure is nobody's news.
      work.catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const probe = await this.#probe?.catch(() => undefined)
    await probe?.close()
    await this.#source.close()
  }
}
