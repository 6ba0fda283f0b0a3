import type { CacheEntryOptions } from '@millrace/core'
import { processRegistry } from '@millrace/core/metrics'
import { cacheErrors } from '../errors.ts'
import { createCacheInstruments, type CacheInstruments } from '../metrics.ts'
import { LoadBudget } from './budget.ts'
import { HotKeys } from './hot-keys.ts'
import { keyOf, splitKey } from './key.ts'
import { resolveWarmerOptions, type WarmableCache, type WarmerLimits, type WarmerOptions } from './options.ts'
import { Predictor, type PredictorStats } from './predictor.ts'
import type { SeasonSnapshot } from './season-model.ts'
import { warmKeys, type WarmProgress, type WarmReport, type WarmSource } from './warm-keys.ts'

export interface WarmerStats {
  /** Keys loaded ahead since the start, by reason. */
  loaded: { list: number; refresh: number; season: number; sequence: number }
  failed: number
  prediction: PredictorStats | undefined
}

type Reason = keyof WarmerStats['loaded']

/**
 * Loads ahead of demand: lists at the start, hot keys before they expire, and what usage patterns promise. Only namespaces with
 * a loader are concerned. Refreshing and wrong predictions cost at most a share of the reads that were observed, seasons at most
 * `seasonKeys` loads an hour, lists what they name.
 *
 * Reads are observed through `get`, or told to `observe` by code that reads the cache itself.
 */
export class Warmer {
  readonly #cache: WarmableCache
  readonly #options: WarmerOptions
  readonly #limits: WarmerLimits
  readonly #instruments: CacheInstruments
  readonly #budget: LoadBudget
  readonly #hot: HotKeys | undefined
  readonly #predictor: Predictor | undefined
  readonly #stopping = new AbortController()
  readonly #running = new Map<string, Promise<void>>()
  readonly #lists = new Set<Promise<unknown>>()
  readonly #loaded = { list: 0, refresh: 0, season: 0, sequence: 0 }
  #failed = 0
  #stopRefresh: (() => void) | undefined
  #seasons: Promise<void> | undefined

  /** @throws CACHE_OPTION_INVALID */
  constructor(cache: WarmableCache, options: WarmerOptions) {
    this.#cache = cache
    this.#options = options
    this.#limits = resolveWarmerOptions(options)
    this.#instruments = options.instruments ?? createCacheInstruments(options.registry ?? processRegistry())
    this.#budget = new LoadBudget({ share: this.#limits.loadShare, burst: this.#limits.loadBurst })
    const { refresh, predict, random } = this.#limits
    this.#hot = refresh && new HotKeys(refresh)
    this.#predictor = predict && new Predictor(predict, random)
  }

  /** Begins the background work: refreshing hot keys, and loading what the next hour will ask for. */
  start(): void {
    const { clock, refresh } = this.#limits
    if (refresh !== undefined)
      this.#stopRefresh ??= clock.every(refresh.everyMs, () => void this.refreshHot())
    if (this.#predictor?.predictsSeasons === true) this.#seasons ??= this.#followSeasons(this.#predictor)
  }

  /**
   * Reads with the loader of the namespace. `actor`: whose sequence of reads it belongs to, such as a session.
   * @throws CACHE_OPTION_INVALID: no loader; what the loader throws
   */
  async get<Value>(
    namespace: string,
    id: string,
    { actor, ...options }: CacheEntryOptions & { actor?: string } = {},
  ): Promise<Value> {
    const loader = this.#loaderOf(namespace)
    if (loader === undefined) {
      const accepted = 'a loader for each namespace that is read through the warmer'
      throw cacheErrors.OPTION_INVALID({ field: `loaders.${namespace}`, value: undefined, accepted })
    }
    this.observe(namespace, id, actor)
    const { load, ...general } = loader
    const run = (signal: AbortSignal): Promise<Value> => load(id, signal) as Promise<Value>
    return this.#cache.getOrSet(namespace, id, run, { ...general, ...options })
  }

  /** A read that somebody made. Synchronous; takes about 1 µs, and 3 µs with predictions. */
  observe(namespace: string, id: string, actor?: string): void {
    if (this.#stopping.signal.aborted || this.#loaderOf(namespace) === undefined) return
    const { clock } = this.#limits
    const key = keyOf(namespace, id)
    const time = { now: clock.now(), monotonic: clock.monotonic() }
    this.#budget.read()
    this.#hot?.observe(key, time.monotonic)
    const prediction = this.#predictor?.read(key, actor, time)
    if (prediction === undefined) return
    if (prediction.used) this.#budget.saved()
    for (const next of prediction.next) this.#loadPredicted(next, time.monotonic)
  }

  /** Loads a list, or whatever an (async) iterator brings, as far as it is not there. See `warmKeys`. */
  warm(
    source: WarmSource,
    options: { signal?: AbortSignal; onProgress?: (progress: WarmProgress) => void } = {},
  ): Promise<WarmReport> {
    return this.#warm('list', source, options)
  }

  /**
   * Renews the hot keys whose time is nearly over, or is before this is called again. Resolves with how many there were. Called by
   * itself once started.
   */
  async refreshHot(options: { againInMs?: number } = {}): Promise<number> {
    const { refresh, clock } = this.#limits
    if (refresh === undefined || this.#hot === undefined || this.#stopping.signal.aborted) return 0
    const begun: Promise<void>[] = []
    for (const key of this.#hot.hot(refresh.minReads, clock.monotonic())) {
      const { namespace, id } = splitKey(key)
      const entry = this.#cache.entry(namespace, id)
      if (entry === undefined || entry.remainingMs === null || this.#running.has(key)) continue
      const { againInMs = refresh.everyMs } = options
      const early = Math.max((entry.ageMs + entry.remainingMs) * refresh.lastShare, againInMs * 1.5)
      if (entry.remainingMs > early) continue
      const load = this.#load(key, 'refresh')
      if (load === undefined) break
      begun.push(load)
    }
    await Promise.all(begun)
    return begun.length
  }

  /** Loads what the hour that begins next will probably ask for. Called by itself once started. */
  async warmSeason(options: { signal?: AbortSignal } = {}): Promise<WarmReport> {
    const keys = this.#predictor?.season(this.#limits.clock.now()) ?? []
    return this.#warm('season', keys.map(splitKey), options)
  }

  /** Seasonal patterns, as plain JSON, to be handed to the next process as `predict.season.snapshot`. */
  patterns(): SeasonSnapshot {
    return this.#predictor?.snapshot() ?? []
  }

  stats(): WarmerStats {
    return { loaded: { ...this.#loaded }, failed: this.#failed, prediction: this.#predictor?.stats() }
  }

  /** Ends everything in the background; loads under way are waited for. */
  async close(): Promise<void> {
    this.#stopping.abort(cacheErrors.CLOSED({ name: 'warmer' }))
    this.#stopRefresh?.()
    await this.#seasons
    await Promise.allSettled([...this.#lists, ...this.#running.values()])
  }

  async #warm(
    reason: 'list' | 'season',
    source: WarmSource,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: WarmProgress) => void },
  ): Promise<WarmReport> {
    const { concurrency, perSecond, fillTo, clock } = this.#limits
    const stop = this.#stopping.signal
    const warming = warmKeys(this.#cache, source, {
      loaders: this.#options.loaders,
      concurrency,
      perSecond,
      fillTo,
      clock,
      signal: signal === undefined ? stop : AbortSignal.any([signal, stop]),
      onLoaded: (namespace) => this.#count(namespace, reason),
      ...(onProgress === undefined ? {} : { onProgress }),
    })
    this.#lists.add(warming)
    try {
      const report = await warming
      this.#failed += report.failed
      this.#limits.logger.info({ reason, ...report }, 'keys were loaded ahead')
      return report
    } finally {
      this.#lists.delete(warming)
    }
  }

  #loadPredicted(key: string, monotonic: number): void {
    const { namespace, id } = splitKey(key)
    if (this.#running.has(key) || this.#cache.has(namespace, id)) return
    if (this.#load(key, 'sequence') !== undefined) this.#predictor?.loaded(key, monotonic)
  }

  /** Undefined: it is not affordable now. */
  #load(key: string, reason: Reason): Promise<void> | undefined {
    const { namespace, id } = splitKey(key)
    const loader = this.#loaderOf(namespace)
    if (loader === undefined || this.#running.size >= this.#limits.concurrency || !this.#budget.take())
      return undefined
    const { load, ...options } = loader
    const loading = this.#cache
      .refresh(namespace, id, (signal) => load(id, signal), { ...options, orNewer: true })
      .then(
        () => this.#count(namespace, reason),
        (error: unknown) => {
          this.#failed++
          this.#limits.logger.debug({ err: error, namespace, id, reason }, 'loading ahead failed')
        },
      )
      .finally(() => this.#running.delete(key))
    this.#running.set(key, loading)
    return loading
  }

  async #followSeasons(predictor: Predictor): Promise<void> {
    const { clock, logger } = this.#limits
    while (!this.#stopping.signal.aborted) {
      try {
        await clock.sleep(predictor.untilSeason(clock.now()), this.#stopping.signal)
        await this.warmSeason()
      } catch (error) {
        if (!this.#stopping.signal.aborted) logger.warn({ err: error }, 'loading for the next hour failed')
      }
    }
  }

  #loaderOf(namespace: string) {
    return Object.hasOwn(this.#options.loaders, namespace) ? this.#options.loaders[namespace] : undefined
  }

  #count(namespace: string, reason: Reason): void {
    this.#loaded[reason]++
    this.#instruments.warmedKeys.with({ namespace, reason }).add()
  }
}

/** A warmer for a cache. */
export const createWarmer = (cache: WarmableCache, options: WarmerOptions): Warmer =>
  new Warmer(cache, options)
