import type { HttpCache, HttpCacheFetch, HttpCacheStatus, HttpPurge, Logger } from '@millrace/core'
import type { EngineConfig } from '../config.ts'
import type { CacheStats } from '../drivers/driver.ts'
import type { BackendPool } from '../pools/pool.ts'
import type { VisitorRequest } from '../proxy/visitor.ts'
import type { RequestHeaders } from '../proxy/request-headers.ts'
import { Router } from '../routing/router.ts'
import { EncodedBodies } from './encoded-bodies.ts'
import { Renewal } from './renewal.ts'

/** A cache that fails many requests writes one line of log in this time. */
const REPORT_MS = 10_000
/** Longer than the instances of an application take to tell one another of a change. */
const REPEAT_MS = 1_000
/** More than a purge by hand may name: everything is purged instead. */
const MAX_KEYS = 1_000

const TELL_MS = 5
const MAX_TOLD = 500

/** What the exchanges of one engine share when there is a cache: the cache, and the limits of what is done beside it. */
export class Caching {
  readonly cache: HttpCache
  readonly encoded: EncodedBodies
  readonly config: EngineConfig['cache']
  readonly #logger: Logger
  readonly #tellOthers: (what: HttpPurge) => void
  readonly #excluded: Router<true>
  readonly #changed = new Set<string>()
  readonly #counts: Record<HttpCacheStatus, number> = {
    hit: 0,
    stale: 0,
    miss: 0,
    revalidated: 0,
    bypass: 0,
    error: 0,
  }
  /** Of bodies that are read from backends ahead of their visitors. */
  #aheadBytes = 0
  /** Fetches that no visitor waits for. */
  #unattended = 0
  #renewals = 0
  /** What applications purged lately. */
  readonly #again = new Set<string>()
  #repeat: NodeJS.Timeout | undefined = undefined
  #reportedAt = -Infinity

  /** `tellOthers`: of a purge that an application asked for, where other processes have caches of their own. */
  constructor(
    cache: HttpCache,
    config: EngineConfig,
    logger: Logger,
    tellOthers: (what: HttpPurge) => void = () => undefined,
  ) {
    this.cache = cache
    this.config = config.cache
    this.encoded = new EncodedBodies(config.cache.encodedBytes, config.compression)
    this.#logger = logger
    this.#tellOthers = tellOthers
    const excluded = new Set(config.cache.exclude)
    this.#excluded = new Router(
      [...excluded].map((prefix) => ({ prefix, pool: prefix })),
      () => true,
    )
  }

  /**
   * Whether the cache is asked about a request. Not about one without a host, nor a GET with a body, whose answer may
   * depend on it, nor one that wants an event stream, which has no end.
   */
  concerns(req: VisitorRequest, headers: RequestHeaders, path: string): boolean {
    if (headers.host === undefined || this.#excluded.match(path) !== undefined) return false
    const safe = req.method === 'GET' || req.method === 'HEAD'
    return !safe || (!headers.hasBody && req.headers.accept?.includes('text/event-stream') !== true)
  }

  count(status: HttpCacheStatus): void {
    this.#counts[status]++
  }

  /** False: so much is read ahead already that the backend has to wait for the visitor. */
  readAhead(bytes: number): boolean {
    if (this.#aheadBytes + bytes > this.config.aheadBytes) return false
    this.#aheadBytes += bytes
    return true
  }

  caughtUp(bytes: number): void {
    this.#aheadBytes -= bytes
  }

  /** False: there are as many fetches without a visitor as there may be. `unattendedEnded` must follow a true. */
  unattendedBegins(): boolean {
    if (this.#unattended >= this.config.unattended) return false
    this.#unattended++
    return true
  }

  unattendedEnded(): void {
    this.#unattended--
  }

  /** Fetches again what was answered stale, without anybody waiting. */
  renew(pool: BackendPool, fetch: HttpCacheFetch, path: string): void {
    if (!this.unattendedBegins()) {
      this.safely(() => fetch.fail())
      return
    }
    this.#renewals++
    pool.metrics.cacheRenewals.add()
    new Renewal(this, pool, fetch, path).start()
  }

  /** An error of the cache is never one of a request. */
  safely<Result>(step: () => Result): Result | undefined {
    try {
      return step()
    } catch (error) {
      this.failed(error)
      return undefined
    }
  }

  failed(error: unknown): void {
    const now = performance.now()
    if (now - this.#reportedAt < REPORT_MS) return
    this.#reportedAt = now
    this.#logger.error({ err: error }, 'the HTTP cache failed; the request goes on without it')
  }

  purge(what: HttpPurge): Promise<void> {
    return this.cache.purge(what)
  }

  /**
   * Its effect here begins at once; other processes follow. And once more a moment later: another instance of the
   * application, which did not know of the change yet, may have filled the gap with what was there before.
   */
  purgedByApplication(keys: readonly string[]): void {
    this.#purgeEverywhere(keys)
    const again = this.#again
    for (const key of keys) again.add(key)
    this.#repeat ??= setTimeout(() => {
      this.#repeat = undefined
      const due = [...again]
      again.clear()
      this.#purgeEverywhere(due)
    }, REPEAT_MS)
    this.#repeat.unref()
  }

  #purgeEverywhere(keys: readonly string[]): void {
    const what = keys.length > MAX_KEYS ? ({ all: true } as const) : { keys }
    this.purge(what).catch((error: unknown) => this.failed(error))
    this.#tellOthers(what)
  }

  /** When the engine closes. */
  close(): void {
    clearTimeout(this.#repeat)
    this.#repeat = undefined
  }

  /**
   * What was changed through this process is forgotten here already (RFC 9111, section 4.4). Others are told together of
   * what was changed in a few milliseconds, each path once: there may be thousands of changes in a second.
   */
  changed(target: string): void {
    if (this.#changed.size === 0) setTimeout(() => this.#tellChanged(), TELL_MS).unref()
    this.#changed.add(target)
    if (this.#changed.size >= MAX_TOLD) this.#tellChanged()
  }

  #tellChanged(): void {
    if (this.#changed.size === 0) return
    const paths = [...this.#changed]
    this.#changed.clear()
    this.#tellOthers({ paths })
  }

  stats(): CacheStats {
    const held = this.safely(() => this.cache.stats())
    return {
      ...this.#counts,
      renewals: this.#renewals,
      entries: held?.entries ?? 0,
      bytes: held?.bytes ?? 0,
      maxBytes: held?.maxBytes ?? 0,
      encodedBytes: this.encoded.bytes,
    }
  }
}
