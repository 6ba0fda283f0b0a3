import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '@millrace/core'
import type { Cluster, RedisConnection } from '@millrace/core/redis'
import type { Keyspace } from './keyspace.ts'
import { decodeEntry, type StreamEntry } from './notice.ts'
import { scriptsOf } from './scripts.ts'

/** Longer than it takes to replace a server, whose last writes may not have reached its replica. */
const LOOK_BACK_MS = 60_000
/** Entries of the log; it holds about so many. */
const MAX_ENTRIES = 10_000
/** The servers of a Cluster settle within seconds after one took over. */
const ATTEMPTS = 10
const PAUSE_MS = 500

/**
 * A replica that takes over in a Cluster may lack the last tombstones, and the log, which is on another server, shows no
 * gap: old records would come back to life. So the keys that were invalidated lately are invalidated once more, by one
 * process for all. With one server or Sentinels the log shares the fate of the records, and a gap tells.
 */
export class FailOverWatch {
  readonly #connection: RedisConnection
  readonly #keyspace: Keyspace
  readonly #origin: string
  readonly #invalidate: (keys: string[]) => Promise<unknown>
  readonly #logger: Logger
  readonly #ended = new AbortController()
  readonly #onRefresh = (): void => this.#compare()
  #known: ReadonlySet<string>

  constructor(
    connection: RedisConnection,
    keyspace: Keyspace,
    origin: string,
    invalidate: (keys: string[]) => Promise<unknown>,
    logger: Logger,
  ) {
    this.#connection = connection
    this.#keyspace = keyspace
    this.#origin = origin
    this.#invalidate = invalidate
    this.#logger = logger
    this.#known = this.#masters()
    // A server and Sentinels never emit it.
    ;(connection.client as Cluster).on('refresh', this.#onRefresh)
  }

  end(): void {
    this.#ended.abort(new Error('ended'))
    ;(this.#connection.client as Cluster).off('refresh', this.#onRefresh)
  }

  #masters(): ReadonlySet<string> {
    return new Set(this.#connection.masters().map(({ options }) => `${options.host}:${options.port}`))
  }

  #compare(): void {
    const before = this.#known
    this.#known = this.#masters()
    // Before the first look nobody was known, and nobody took over.
    if (before.size === 0) return
    for (const master of this.#known) if (!before.has(master)) void this.#repeat(master)
  }

  async #repeat(master: string): Promise<void> {
    const { signal } = this.#ended
    for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt++) {
      try {
        if (!(await this.#isOurs(master))) return
        const keys = await this.#recentKeys()
        if (keys.length > 0) await this.#invalidate(keys)
        this.#logger.info({ master, keys: keys.length }, 'Keys invalidated again after a fail-over')
        return
      } catch (error) {
        this.#logger.debug({ reason: (error as Error).message }, 'Not invalidated again yet')
        await wait(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
  }

  /** One process does it. It may be the same one again, after a failure. */
  async #isOurs(master: string): Promise<boolean> {
    const lock = `${this.#keyspace.log}:again:${master}`
    return (
      (await scriptsOf(this.#connection.client).millraceLock(1, lock, this.#origin, LOOK_BACK_MS / 2)) === 1
    )
  }

  async #recentKeys(): Promise<string[]> {
    const { client } = this.#connection
    const { stamps, log } = this.#keyspace
    const [version] = (await scriptsOf(client).millraceEnsure(2, stamps, log)) as [string]
    const since = Math.max(0, Number(version) - LOOK_BACK_MS * 1_000)
    const entries = (await client.xrevrange(log, '+', since, 'COUNT', MAX_ENTRIES)) as StreamEntry[]
    const keys = new Set<string>()
    for (const entry of entries) {
      const what = decodeEntry(entry).notice?.what
      for (const key of what?.kind === 'keys' ? what.keys : []) keys.add(key)
    }
    return [...keys]
  }
}
