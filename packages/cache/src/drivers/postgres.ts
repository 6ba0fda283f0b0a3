import { randomUUID } from 'node:crypto'
import type { Listener } from '@millrace/core/postgres'
import { cacheErrors } from '../errors.ts'
import type { Follower, Invalidation, SharedRead, SharedStore, Stamps, Version } from './driver.ts'
import { decodeNotice, encodeNotices } from './postgres-notice.ts'

export interface PostgresNoticesOptions {
  /** Of the database whose users hear each other; listened to on a connection of its own. */
  url: string
  /** What notices are sent with: a pool of the application's. Its time limits apply. */
  database: { query(text: string, values: unknown[]): Promise<unknown> }
  /** Default `millrace_cache`. Caches of different names may share one. */
  channel?: string
  /** Only caches of one name hear each other. Default: MILLRACE_SERVICE, or `cache`. */
  name?: string
  /** Names the process in its notices. Default: random. */
  origin?: string
}

const NAME = 'postgres'

/**
 * Invalidations between processes that have a PostgreSQL in common and no Redis: with NOTIFY. Nothing else is shared, each
 * process keeps and loads its own. What was said while a process did not listen is lost to it, therefore it hears of a
 * gap after each new connection and trusts nothing that it holds from before.
 */
export function createPostgresNotices(options: PostgresNoticesOptions): SharedStore {
  return new PostgresNotices(options)
}

class PostgresNotices implements SharedStore {
  readonly name = NAME
  readonly origin: string
  readonly recordless = true
  readonly #options: PostgresNoticesOptions
  readonly #channel: string
  readonly #keyspace: string
  #version: Version = 0
  #listener: Promise<Listener> | undefined
  #closed = false

  constructor(options: PostgresNoticesOptions) {
    this.#options = options
    this.origin = options.origin ?? randomUUID()
    this.#channel = options.channel ?? 'millrace_cache'
    this.#keyspace = options.name ?? process.env['MILLRACE_SERVICE'] ?? 'cache'
  }

  async connect(): Promise<void> {
    this.#open()
  }

  async read(keys: readonly string[], stampNames: readonly string[]): Promise<SharedRead> {
    return { ...(await this.stamps(stampNames)), records: keys.map(() => undefined) }
  }

  async stamps(names: readonly string[]): Promise<Stamps> {
    this.#open()
    return { version: this.#version, floor: 0, stamps: names.map(() => 0) }
  }

  async write(records: readonly unknown[]): Promise<boolean[]> {
    this.#open()
    return records.map(() => false)
  }

  async invalidate(what: Invalidation): Promise<Version> {
    this.#open()
    const version = this.#issue()
    const notices = encodeNotices({ cache: this.#keyspace, origin: this.origin, version, what })
    for (const notice of notices) {
      await this.#options.database.query('select pg_notify($1, $2)', [this.#channel, notice])
    }
    return version
  }

  /** The records are elsewhere: in the memory of each process, which drops them when it hears of the pattern. */
  async sweep(): Promise<number> {
    return 0
  }

  async list(): Promise<{ keys: string[]; more: boolean }> {
    return { keys: [], more: false }
  }

  async lock(): Promise<boolean> {
    this.#open()
    return true
  }

  async extend(): Promise<boolean> {
    return true
  }

  async unlock(): Promise<void> {}

  async follow(follower: Follower): Promise<() => Promise<void>> {
    this.#open()
    if (this.#listener !== undefined) throw cacheErrors.STORE_FOLLOWED({ store: NAME })
    const listening = this.#listen(follower)
    this.#listener = listening
    await listening
    return async () => {
      await (await listening).close()
      if (this.#listener === listening) this.#listener = undefined
    }
  }

  async #listen(follower: Follower): Promise<Listener> {
    // Only here, so that nobody loads a client of PostgreSQL who has none.
    const { startListener } = await import('@millrace/core/postgres')
    const heard = (): void => {
      // Not only after an outage: something may have been said between the start and the first connection.
      follower.onGap()
      follower.onConnection(true)
    }
    const listener = await startListener({
      url: this.#options.url,
      channel: this.#channel,
      applicationName: 'millrace-cache-listener',
      patient: true,
      onNotification: (payload) => {
        const notice = decodeNotice(payload, this.#keyspace)
        if (notice === undefined) return
        this.#version = Math.max(this.#version, notice.version)
        follower.onNotices([notice])
      },
      onReconnect: heard,
      onLost: () => follower.onConnection(false),
    })
    if (listener.began) heard()
    else follower.onConnection(false)
    return listener
  }

  async ping(): Promise<{ usedBytes: number; maxBytes: number | null; servers: number }> {
    this.#open()
    await this.#options.database.query('select 1', [])
    return { usedBytes: 0, maxBytes: null, servers: 1 }
  }

  async close(): Promise<void> {
    this.#closed = true
    const listener = await this.#listener?.catch(() => undefined)
    this.#listener = undefined
    await listener?.close()
  }

  #open(): void {
    if (this.#closed) throw cacheErrors.STORE_CLOSED({ store: NAME })
  }

  #issue(): Version {
    this.#version = Math.max(this.#version + 1, Date.now() * 1_000)
    return this.#version
  }
}
