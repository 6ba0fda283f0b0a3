import type { IncomingMessage } from 'node:http'
import type { Cache } from '@millrace/core'
import { processRegistry } from '@millrace/core/metrics'
import { cacheErrors } from './errors.ts'
import { cacheMiddleware, type Middleware } from './http/express.ts'
import { cacheHooks, type CacheHooks, type FastifyRequestLike } from './http/fastify.ts'
import { honoMiddleware, type HonoContextLike, type HonoMiddleware } from './http/hono.ts'
import {
  honoInvalidation,
  invalidationHooks,
  invalidationMiddleware,
  type InvalidationHooks,
  type InvalidationOptions,
  type Patterns,
} from './http/invalidation.ts'
import type { HttpCacheOptions } from './http/request.ts'
import type { CacheParts } from './http/response-cache.ts'
import { Invalidations } from './invalidation.ts'
import { Loads } from './loading/loads.ts'
import { S3Fifo } from './memory/s3-fifo.ts'
import { MemoryTier } from './memory/tier.ts'
import { createCacheInstruments } from './metrics.ts'
import { resolveOptions, type CacheLimits, type CacheOptions, type SetOptions } from './options.ts'
import { CACHE_POLICIES } from './policies.ts'
import { settle } from './settle.ts'
import { describeEntry, type CacheStats, type EntryDescription } from './stats.ts'

const NO_OPTIONS: SetOptions = {}

/**
 * The cache in this process's memory. Every operation is synchronous inside; the promises of the port are there for
 * the tiers that are not. Values are returned as stored, not copied: treat them as frozen.
 */
export class CacheManager implements Cache {
  readonly #limits: CacheLimits
  readonly #tier: MemoryTier
  readonly #loads: Loads
  readonly #closed = new AbortController()

  constructor(options: CacheOptions = {}) {
    this.#limits = resolveOptions(options)
    const policy = options.eviction?.(this.#limits) ?? new S3Fifo(this.#limits)
    const instruments = options.instruments ?? createCacheInstruments(options.registry ?? processRegistry())
    const namespaces = new Map(Object.entries({ ...CACHE_POLICIES, ...options.namespaces }))
    this.#tier = new MemoryTier(this.#limits, policy, instruments, namespaces)
    this.#loads = new Loads(this.#tier, {
      clock: this.#limits.clock,
      timeoutMs: this.#limits.loaderTimeoutMs,
      closed: this.#closed.signal,
    })
  }

  get<Value>(namespace: string, id: string): Promise<Value | undefined> {
    // Not through `settle`: the closure would cost as much as the read.
    try {
      return Promise.resolve(this.getSync<Value>(namespace, id))
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** The same as `get`, at once. */
  // The caller states the type, as in the port.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  getSync<Value>(namespace: string, id: string): Value | undefined {
    const space = this.#tier.open(namespace)
    const entry = this.#tier.live(space, id)
    if (entry === undefined) {
      space.miss()
      return undefined
    }
    space.hit()
    this.#tier.touch(entry)
    return entry.value as Value
  }

  /** Reads without counting and without making the entry's eviction less likely. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  peek<Value>(namespace: string, id: string): Value | undefined {
    const space = this.#tier.find(namespace)
    return space === undefined ? undefined : (this.#tier.live(space, id)?.value as Value | undefined)
  }

  /** Whether a fresh entry exists, also for a value that is `undefined`. Not counted. */
  has(namespace: string, id: string): boolean {
    const space = this.#tier.find(namespace)
    return space !== undefined && this.#tier.live(space, id) !== undefined
  }

  /** What is known of an entry besides its value. Not counted. */
  entry(namespace: string, id: string): EntryDescription | undefined {
    const space = this.#tier.find(namespace)
    const entry = space === undefined ? undefined : this.#tier.live(space, id)
    return entry === undefined ? undefined : describeEntry(entry, this.#limits.clock.monotonic())
  }

  /** The values that are there, by identifier. */
  getMany<Value>(namespace: string, ids: readonly string[]): Promise<Map<string, Value>> {
    return settle(() => {
      const found = new Map<string, Value>()
      for (const id of ids) {
        const value = this.getSync<Value>(namespace, id)
        if (value !== undefined) found.set(id, value)
      }
      return found
    })
  }

  /**
   * Stores a value. One that is larger than an entry may be is not stored, which is counted and not an error. A bare
   * number is the time to live in seconds, as in `set(namespace, identifier, data, ttl)` of older code.
   * @throws CACHE_KEY_TOO_LONG, CACHE_NAMESPACE_INVALID, CACHE_TTL_INVALID, CACHE_TAG_INVALID,
   * CACHE_VALUE_NOT_SERIALISABLE
   */
  set(
    namespace: string,
    id: string,
    value: unknown,
    options: SetOptions | number = NO_OPTIONS,
  ): Promise<void> {
    const given = typeof options === 'number' ? { ttlMs: options * 1_000 } : options
    return settle(() => this.setSync(namespace, id, value, given))
  }

  /** The same as `set`, at once. */
  setSync(namespace: string, id: string, value: unknown, options: SetOptions = NO_OPTIONS): void {
    const space = this.#tier.open(namespace)
    const tags = this.#tier.tags(space, options.tags)
    this.#tier.supersede(space, id)
    this.#tier.put(space, id, value, options, tags, this.#tier.log.version)
  }

  setMany(
    namespace: string,
    values: Iterable<readonly [id: string, value: unknown]>,
    options: SetOptions = NO_OPTIONS,
  ): Promise<void> {
    return settle(() => {
      for (const [id, value] of values) this.setSync(namespace, id, value, options)
    })
  }

  /**
   * Reads, or loads and stores. Concurrent calls for one key share one load, with the options of the first; an
   * error is handed to all of them and not stored.
   * @throws CACHE_LOADER_TIMEOUT, what the loader throws, and what `set` throws
   */
  async getOrSet<Value>(
    namespace: string,
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options: SetOptions = NO_OPTIONS,
  ): Promise<Value> {
    const space = this.#tier.open(namespace)
    const entry = this.#tier.live(space, id)
    if (entry !== undefined) {
      space.hit()
      this.#tier.touch(entry)
      return entry.value as Value
    }
    space.miss()
    const running = this.#loads.running(space, id)
    if (running === undefined) return this.#loads.load(space, id, load, options)
    space.stampedesAvoided.add()
    return running.done as Promise<Value>
  }

  delete(namespace: string, id: string): Promise<boolean> {
    return settle(() => this.#tier.delete(this.#tier.open(namespace), id))
  }

  /** Another name for `delete`. */
  del(namespace: string, id: string): Promise<boolean> {
    return this.delete(namespace, id)
  }

  /**
   * Deletes every key that matches a glob over `<namespace>:<identifier>` (`PRODUCTS:*`); `*`, `?` and `\` are
   * special. Looks at every key of the namespaces concerned: prefer tags on hot paths. Returns how many were deleted.
   */
  delPattern(pattern: string): Promise<number> {
    return settle(() => this.#tier.deletePattern(pattern))
  }

  invalidateTags(tags: readonly string[]): Promise<number> {
    return settle(() => this.#tier.invalidateTags(tags))
  }

  clear(namespace?: string): Promise<void> {
    return settle(() => this.#tier.clear(namespace))
  }

  stats(): CacheStats {
    return this.#tier.stats()
  }

  /**
   * Cache-aside for GET in Express and Connect: `app.get('/products', cache.middleware('PRODUCTS'), handler)`.
   * @throws CACHE_NAMESPACE_INVALID, CACHE_TTL_INVALID, CACHE_OPTION_INVALID
   */
  middleware<Request extends IncomingMessage = IncomingMessage>(
    namespace: string,
    options: HttpCacheOptions<Request> = {},
  ): Middleware<Request> {
    return cacheMiddleware(this.#parts(), namespace, options)
  }

  /** The same for a Fastify route: `app.get('/products', cache.hooks('PRODUCTS'), handler)`. */
  hooks<Request extends FastifyRequestLike = FastifyRequestLike>(
    namespace: string,
    options: HttpCacheOptions<Request> = {},
  ): CacheHooks<NoInfer<Request>> {
    return cacheHooks(this.#parts(), namespace, options)
  }

  /**
   * The same for Hono: `app.get('/products', cache.hono('PRODUCTS'), handler)`. The functions of the options are given Hono's
   * context.
   */
  hono<Context extends HonoContextLike = HonoContextLike>(
    namespace: string,
    options: HttpCacheOptions<Context> = {},
  ): HonoMiddleware<NoInfer<Context>> {
    return honoMiddleware(this.#parts(), namespace, options)
  }

  /** For routes that change something: deletes by pattern, and by tag, when the handler succeeds. */
  invalidateMiddleware<Request extends IncomingMessage = IncomingMessage>(
    patterns: Patterns<Request>,
    options: InvalidationOptions<Request> = {},
  ): Middleware<Request> {
    return invalidationMiddleware(this.#parts(), patterns, options)
  }

  /** The same for a Fastify route. */
  invalidateHooks<Request extends FastifyRequestLike = FastifyRequestLike>(
    patterns: Patterns<Request>,
    options: InvalidationOptions<Request> = {},
  ): InvalidationHooks<NoInfer<Request>> {
    return invalidationHooks(this.#parts(), patterns, options)
  }

  /** The same for Hono. */
  invalidateHono<Context extends HonoContextLike = HonoContextLike>(
    patterns: Patterns<Context>,
    options: InvalidationOptions<Context> = {},
  ): HonoMiddleware<NoInfer<Context>> {
    return honoInvalidation(this.#parts(), patterns, options)
  }

  #parts(): CacheParts {
    const invalidations = new Invalidations(this.#tier)
    return { tier: this.#tier, loads: this.#loads, limits: this.#limits, shared: undefined, invalidations }
  }

  /** Drops everything and fails loads in progress with CACHE_CLOSED. Later writes and reads fail the same way. */
  close(): void {
    if (this.#closed.signal.aborted) return
    const reason = cacheErrors.CLOSED({ name: this.#limits.name })
    this.#tier.close(reason)
    this.#closed.abort(reason)
  }
}

/** A cache in this process, usable without the platform. */
export const createCache = (options?: CacheOptions): CacheManager => new CacheManager(options)
