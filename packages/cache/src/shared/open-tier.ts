import type { SharedStore } from '../drivers/driver.ts'
import type { MemoryTier } from '../memory/tier.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { CacheLimits, CacheOptions } from '../options.ts'
import { NoticeFollower } from './follow.ts'
import { isRedisConfigured, RedisStore } from './redis-store.ts'
import { StoreTier } from './store-tier.ts'

/** How the shared tier is, for health and panels. */
export interface SharedStatus {
  /** `redis`, `memory`. */
  store: string
  /** Whether it is used at present: it answers, and has all invalidations. */
  available: boolean
  /** Whether invalidations of other processes arrive. */
  following: boolean
  /** Invalidations that it has not taken yet. */
  undelivered: number
}

/** The shared tier with what belongs to its life: connecting, following, closing. */
export class OpenTier {
  readonly tier: StoreTier
  readonly #store: SharedStore
  readonly #follower: NoticeFollower
  readonly #logger: CacheLimits['logger']
  readonly #started: Promise<void>
  readonly #ended = new AbortController()
  #unfollow: (() => Promise<void>) | undefined

  constructor(
    store: SharedStore,
    options: { limits: CacheLimits; instruments: CacheInstruments; memory: MemoryTier },
  ) {
    const { limits, instruments, memory } = options
    const ended = this.#ended.signal
    const tier = new StoreTier(store, limits, instruments, ended)
    tier.delivery.onPattern = (pattern, version) => tier.patterns.add(pattern, version)
    this.tier = tier
    this.#store = store
    this.#logger = limits.logger
    this.#follower = new NoticeFollower({
      store,
      tier: memory,
      patterns: tier.patterns,
      instruments,
      applied: () => tier.leases.releaseOutdated(),
    })
    this.#started = this.#start(ended)
    this.#started.catch((error: unknown) => {
      if (!ended.aborted) this.#logger.error({ err: error }, 'the cache goes on without its shared tier')
    })
  }

  /** Resolves when the tier is used, or its server is being looked for; rejects when its settings cannot be right. */
  started(): Promise<void> {
    return this.#started
  }

  status(): SharedStatus {
    const { available, undelivered } = this.tier.delivery
    return { store: this.#store.name, available, following: this.#follower.connected, undelivered }
  }

  async close(): Promise<void> {
    this.tier.leases.releaseAll()
    await this.tier.delivery.settle(this.#started)
    this.#ended.abort(new Error('closed'))
    await this.#started.catch(() => undefined)
    try {
      await this.#unfollow?.()
      await this.#store.close()
    } catch (error) {
      this.#logger.warn({ err: error }, 'closing the shared tier of the cache failed')
    }
  }

  async #start(ended: AbortSignal): Promise<void> {
    await this.#store.connect()
    if (ended.aborted) return
    // Before anything is read: what is invalidated from now on is heard of.
    this.#unfollow = await this.#store.follow(this.#follower)
    this.tier.delivery.start()
  }
}

/** Undefined: this process alone, in memory. */
export function sharedStore(options: CacheOptions, { name, logger }: CacheLimits): SharedStore | undefined {
  if (options.shared !== undefined) return options.shared
  const { redis } = options
  if (redis === undefined || (redis === 'environment' && !isRedisConfigured(process.env))) return undefined
  return new RedisStore({ name, settings: redis, logger })
}
