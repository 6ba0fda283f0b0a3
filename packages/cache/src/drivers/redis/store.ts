import { randomUUID } from 'node:crypto'
import { MillraceError, silentLogger, type Logger } from '@millrace/core'
import { connectRedis, type Cluster, type RedisConnection, type RedisSettings } from '@millrace/core/redis'
import { cacheErrors } from '../../errors.ts'
import { whole } from '../../options.ts'
import type {
  Follower,
  Invalidation,
  SharedRead,
  SharedStore,
  SharedWrite,
  Stamps,
  Version,
} from '../driver.ts'
import { FailOverWatch } from './fail-over.ts'
import { RedisFollower } from './follower.ts'
import { invalidate, type InvalidationLimits } from './invalidate.ts'
import { Keyspace } from './keyspace.ts'
import { inOneWrite } from './one-write.ts'
import { checkServer, memoryOf } from './server-info.ts'
import { decodeRecord, encodeRecord, parseVersion, versionDigits, wholeTtl } from './record.ts'
import { readFromCluster, readFromServer } from './records.ts'
import { scriptsOf } from './scripts.ts'
import { list, sweep } from './search.ts'

export interface RedisStoreOptions {
  /** Names the keyspace: caches of the same name share. 1 to 64 letters, digits, `_`, `-` or `.`. */
  name: string
  /** A connection of its own … */
  settings?: RedisSettings
  /** … or one that is there already, which `close` leaves open. */
  connection?: RedisConnection
  /** Names the process in its notices. Default: random. */
  origin?: string
  /** How long a tombstone keeps late writes out: longer than any load takes. Default 60 s. */
  tombstoneMs?: number
  /** How many stamps are remembered one by one; beyond, the oldest and all records before them are stale. Default 100,000. */
  maxStamps?: number
  /** How many invalidations a follower that was away can catch up with, about. Default 10,000. */
  maxNotices?: number
  /** Default: silent. */
  logger?: Logger
}

/**
 * The shared tier in Redis 7 or later: a single server, a master watched by Sentinels, or a Cluster.
 * @throws CACHE_OPTION_INVALID, REDIS_NOT_CONFIGURED
 */
export const createRedisStore = (options: RedisStoreOptions): SharedStore => new RedisStore(options)

/** What Redis answers to a write when its memory is used up and it must not evict. */
const FULL = /^OOM\b/

class RedisStore implements SharedStore {
  readonly name = 'redis'
  readonly origin: string
  readonly #keyspace: Keyspace
  readonly #limits: InvalidationLimits
  readonly #logger: Logger
  readonly #open: () => RedisConnection
  readonly #owned: boolean
  #connection: RedisConnection | undefined
  #follower: RedisFollower | undefined
  #failOvers: FailOverWatch | undefined
  #closed = false

  constructor(options: RedisStoreOptions) {
    const { settings, connection, logger = silentLogger } = options
    this.origin = options.origin ?? randomUUID()
    this.#keyspace = new Keyspace(options.name)
    this.#limits = {
      tombstoneMs: whole('tombstoneMs', options.tombstoneMs ?? 60_000),
      maxStamps: whole('maxStamps', options.maxStamps ?? 100_000),
      maxNotices: whole('maxNotices', options.maxNotices ?? 10_000),
    }
    this.#logger = logger
    this.#owned = connection === undefined
    if (connection === undefined && settings === undefined) {
      throw cacheErrors.OPTION_INVALID({ field: 'settings', value: settings, accepted: 'where Redis is' })
    }
    this.#open = () => connection ?? connectRedis(settings!, { logger, purpose: `cache:${options.name}` })
  }

  async connect(): Promise<void> {
    if (this.#closed) throw cacheErrors.STORE_CLOSED({ store: this.name })
    this.#connection ??= this.#open()
    if (await this.#connection.opened()) await checkServer(this.#connection)
  }

  read(keys: readonly string[], stampNames: readonly string[]): Promise<SharedRead> {
    return this.#run(async ({ client, topology }) => {
      const names = keys.map((key) => this.#keyspace.record(key))
      const members = ['v', 'floor', ...stampNames]
      const { stamps } = this.#keyspace
      const { values, scores } =
        topology === 'cluster'
          ? await readFromCluster(client as Cluster, names, stamps, members)
          : await readFromServer(client as Exclude<typeof client, Cluster>, names, stamps, members)
      return { ...(await this.#validity(scores)), records: values.map(decodeRecord) }
    })
  }

  stamps(names: readonly string[]): Promise<Stamps> {
    return this.#run(async ({ client }) =>
      this.#validity(await client.zmscore(this.#keyspace.stamps, 'v', 'floor', ...names)),
    )
  }

  write(records: readonly SharedWrite[]): Promise<boolean[]> {
    return this.#run(async ({ client, topology }) => {
      if (records.length === 0) return []
      const scripts = scriptsOf(client)
      const names = records.map(({ key }) => this.#keyspace.record(key))
      const values = records.map((record) => [
        versionDigits(record.version),
        encodeRecord(record),
        wholeTtl(record.ttlMs),
      ])
      const replies =
        topology === 'cluster'
          ? await Promise.all(names.map((name, index) => scripts.millraceWrite(1, name, ...values[index]!)))
          : [await scripts.millraceWrite(names.length, ...names, ...values.flat())]
      return (replies.flat() as number[]).map((written) => written === 1)
    })
  }

  invalidate(what: Invalidation): Promise<Version> {
    return this.#run((connection) => invalidate(connection, this.#keyspace, this.origin, what, this.#limits))
  }

  sweep(pattern: string, signal: AbortSignal): Promise<number> {
    return this.#run((connection) => sweep(connection, this.#keyspace, pattern, signal), signal)
  }

  list(
    pattern: string,
    bounds: { limit: number; maxScanned: number },
  ): Promise<{ keys: string[]; more: boolean }> {
    return this.#run((connection) => list(connection, this.#keyspace, pattern, bounds))
  }

  lock(key: string, token: string, ttlMs: number): Promise<boolean> {
    return this.#run(
      async ({ client }) =>
        (await scriptsOf(client).millraceLock(1, this.#keyspace.lock(key), token, wholeTtl(ttlMs))) === 1,
    )
  }

  extend(key: string, token: string, ttlMs: number): Promise<boolean> {
    return this.#run(
      async ({ client }) =>
        (await scriptsOf(client).millraceExtend(1, this.#keyspace.lock(key), token, wholeTtl(ttlMs))) === 1,
    )
  }

  unlock(key: string, token: string): Promise<void> {
    return this.#run(async ({ client }) => {
      await scriptsOf(client).millraceUnlock(1, this.#keyspace.lock(key), token)
    })
  }

  async follow(follower: Follower): Promise<() => Promise<void>> {
    if (this.#closed) throw cacheErrors.STORE_CLOSED({ store: this.name })
    if (this.#follower !== undefined) throw cacheErrors.STORE_FOLLOWED({ store: this.name })
    const connection = (this.#connection ??= this.#open())
    const following = new RedisFollower(connection, this.#keyspace, follower, this.#logger)
    this.#follower = following
    this.#failOvers = new FailOverWatch(
      connection,
      this.#keyspace,
      this.origin,
      (keys) => this.invalidate({ kind: 'keys', keys }),
      this.#logger,
    )
    await following.started()
    return async () => {
      this.#failOvers?.end()
      await following.end()
      if (this.#follower === following) this.#follower = undefined
    }
  }

  ping(): Promise<{ usedBytes: number; maxBytes: number | null; servers: number }> {
    return this.#run(memoryOf)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#failOvers?.end()
    const [follower, connection] = [this.#follower, this.#connection]
    this.#follower = undefined
    this.#connection = undefined
    await Promise.all([follower?.end(), this.#owned ? connection?.close() : undefined])
  }

  /** No set: the stamps are lost, and everything from before now is stale. */
  async #validity([v, floor, ...stamps]: readonly (string | null)[]): Promise<Stamps> {
    if (v != null && floor != null) {
      return {
        version: parseVersion(v),
        floor: parseVersion(floor),
        stamps: stamps.map((stamp) => parseVersion(stamp ?? '0')),
      }
    }
    const { client } = this.#connected()
    const made = await scriptsOf(client).millraceEnsure(2, this.#keyspace.stamps, this.#keyspace.log)
    const [version, begins] = made as [string, string, string]
    return { version: parseVersion(version), floor: parseVersion(begins), stamps: stamps.map(() => 0) }
  }

  #connected(): RedisConnection {
    if (this.#closed) throw cacheErrors.STORE_CLOSED({ store: this.name })
    if (this.#connection !== undefined) return this.#connection
    throw cacheErrors.STORE_UNAVAILABLE({ store: this.name, reason: 'connect() was not called' })
  }

  /** Whatever goes wrong, an error of ours, which carries nothing that was sent. */
  async #run<Result>(
    work: (connection: RedisConnection) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const connection = this.#connected()
    if (!connection.ready) {
      throw cacheErrors.STORE_UNAVAILABLE({
        store: this.name,
        reason: `no connection to ${connection.address}`,
      })
    }
    inOneWrite(connection.masters())
    try {
      return await work(connection)
    } catch (error) {
      if (error instanceof MillraceError || signal?.aborted) throw error
      if (this.#closed) throw cacheErrors.STORE_CLOSED({ store: this.name })
      const reason = (error as Error).message.replace(/\.$/, '')
      if (FULL.test(reason)) throw cacheErrors.STORE_FULL({ store: this.name })
      throw cacheErrors.STORE_UNAVAILABLE({ store: this.name, reason })
    }
  }
}
