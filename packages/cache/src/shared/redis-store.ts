import { randomUUID } from 'node:crypto'
import type { Logger } from '@millrace/core'
import type { RedisSettings } from '@millrace/core/redis'
import type { Follower, Invalidation, SharedRead, SharedStore, SharedWrite } from '../drivers/driver.ts'
import { cacheErrors } from '../errors.ts'

const SERVERS = ['REDIS_URL', 'REDIS_HOST', 'REDIS_SENTINELS', 'REDIS_CLUSTER_NODES']

/** Whether the environment names a Redis that is to be used. */
export function isRedisConfigured(env: Readonly<Record<string, string | undefined>>): boolean {
  if (/^(?:false|0|no|off)$/i.test(env.REDIS_ENABLED ?? '')) return false
  return SERVERS.some((name) => (env[name] ?? '') !== '')
}

/** A Redis store whose driver and client are loaded when it connects: a cache without one never loads them. */
export class RedisStore implements SharedStore {
  readonly name = 'redis'
  readonly origin = randomUUID()
  readonly #options: { name: string; settings: RedisSettings | 'environment'; logger: Logger }
  #store: SharedStore | undefined
  #closed = false

  constructor(options: { name: string; settings: RedisSettings | 'environment'; logger: Logger }) {
    this.#options = options
  }

  /** @throws REDIS_SETTINGS_INVALID, CACHE_OPTION_INVALID */
  async connect(): Promise<void> {
    const { name, settings, logger } = this.#options
    const { createRedisStore } = await import('../drivers/redis/index.ts')
    const { settingsFromEnvironment } = await import('@millrace/core/redis')
    if (this.#closed) throw cacheErrors.STORE_CLOSED({ store: this.name })
    const given = settings === 'environment' ? settingsFromEnvironment(process.env) : settings
    this.#store ??= createRedisStore({ name, settings: given, origin: this.origin, logger })
    await this.#store.connect()
  }

  async read(keys: readonly string[], stampNames: readonly string[]): Promise<SharedRead> {
    return await this.#made.read(keys, stampNames)
  }

  async stamps(names: readonly string[]): ReturnType<SharedStore['stamps']> {
    return await this.#made.stamps(names)
  }

  async write(records: readonly SharedWrite[]): Promise<boolean[]> {
    return await this.#made.write(records)
  }

  async invalidate(what: Invalidation): ReturnType<SharedStore['invalidate']> {
    return await this.#made.invalidate(what)
  }

  async sweep(pattern: string, signal: AbortSignal): Promise<number> {
    return await this.#made.sweep(pattern, signal)
  }

  async list(
    pattern: string,
    bounds: { limit: number; maxScanned: number },
  ): ReturnType<SharedStore['list']> {
    return await this.#made.list(pattern, bounds)
  }

  async lock(key: string, token: string, ttlMs: number): Promise<boolean> {
    return await this.#made.lock(key, token, ttlMs)
  }

  async extend(key: string, token: string, ttlMs: number): Promise<boolean> {
    return await this.#made.extend(key, token, ttlMs)
  }

  async unlock(key: string, token: string): Promise<void> {
    await this.#made.unlock(key, token)
  }

  async follow(follower: Follower): ReturnType<SharedStore['follow']> {
    return await this.#made.follow(follower)
  }

  async ping(): ReturnType<SharedStore['ping']> {
    return await this.#made.ping()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#store?.close()
  }

  get #made(): SharedStore {
    if (this.#store !== undefined) return this.#store
    throw cacheErrors.STORE_UNAVAILABLE({ store: this.name, reason: 'it is not connected yet' })
  }
}
