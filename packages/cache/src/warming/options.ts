import { silentLogger, systemClock, type CacheEntryOptions, type Clock, type Logger } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import { cacheErrors } from '../errors.ts'
import type { CacheInstruments } from '../metrics.ts'
import { timeout, whole } from '../options.ts'
import type { CacheStats, EntryDescription } from '../stats.ts'
import type { SeasonModelOptions, SeasonSnapshot } from './season-model.ts'
import type { SequenceModelOptions } from './sequence-model.ts'

/** What warming needs of a cache; `CacheManager` has it. */
export interface WarmableCache {
  getOrSet<Value>(
    namespace: string,
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options?: CacheEntryOptions,
  ): Promise<Value>
  /**
   * Loads although a fresh value is there, which is served meanwhile; an invalidation during the load is not lost. `orNewer`: a
   * newer value of another process will do, too.
   */
  refresh<Value>(
    namespace: string,
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options?: CacheEntryOptions & { orNewer?: boolean },
  ): Promise<Value>
  has(namespace: string, id: string): boolean
  entry(namespace: string, id: string): Pick<EntryDescription, 'ageMs' | 'remainingMs'> | undefined
  stats(): Pick<CacheStats, 'entries' | 'maxEntries' | 'bytes' | 'maxBytes'>
}

/** How values of one namespace are loaded when nobody is waiting for them. */
export interface WarmLoader extends CacheEntryOptions {
  load: (id: string, signal: AbortSignal) => Promise<unknown>
}

export interface RefreshOptions {
  /** How often is looked. Default 1 s. */
  everyMs?: number
  /** A key is renewed in the last part of its time. Default 0.1. */
  lastShare?: number
  /** How often it must have been read lately: reads count half after `halfLifeMs` (default 1 minute). Default 5. */
  minReads?: number
  halfLifeMs?: number
  /** Keys that are counted. Default 1,000. */
  maxKeys?: number
}

export interface PredictOptions {
  /** What follows what. False: not predicted. */
  sequence?: SequenceModelOptions | false
  /** What is read at which time of the day. False: not predicted. */
  season?: (SeasonModelOptions & { snapshot?: SeasonSnapshot }) | false
  /** How long before an hour its keys are loaded. Default 5 minutes. */
  seasonLeadMs?: number
  /** At most so many keys for an hour. Default 500. */
  seasonKeys?: number
  /** How long a key that was loaded ahead has to be read. Default 2 minutes. */
  horizonMs?: number
  /** Predicting by sequence pauses while fewer of its keys are read in that time. Default 0.25. */
  minPrecision?: number
}

export interface WarmerOptions {
  /** By namespace. What is not named here is never loaded ahead. */
  loaders: Record<string, WarmLoader>
  /** Loads at the same time, all reasons together. Default 4. */
  concurrency?: number
  /** Loads per second of lists and of seasons. Default 100. */
  perSecond?: number
  /** Lists and seasons stop when the memory tier is filled to this share. Default 0.9. */
  fillTo?: number
  /** Loads ahead cost at most this share of the reads observed. Default 0.1. */
  loadShare?: number
  /** … and at most so many more at once. Default 50. */
  loadBurst?: number
  /** False: off. */
  refresh?: RefreshOptions | false
  /** Default: off. `{}`: on. */
  predict?: PredictOptions | false
  registry?: MetricRegistry
  instruments?: CacheInstruments
  clock?: Clock
  logger?: Logger
  random?: () => number
}

export interface WarmerLimits {
  concurrency: number
  perSecond: number
  fillTo: number
  loadShare: number
  loadBurst: number
  refresh: Required<RefreshOptions> | undefined
  predict: (PredictOptions & Required<Omit<PredictOptions, 'sequence' | 'season'>>) | undefined
  clock: Clock
  logger: Logger
  random: () => number
}

/** @throws CACHE_OPTION_INVALID */
export function resolveWarmerOptions(options: WarmerOptions): WarmerLimits {
  for (const [namespace, loader] of Object.entries(options.loaders)) {
    if (typeof loader?.load === 'function') continue
    const field = `loaders.${namespace}.load`
    throw cacheErrors.OPTION_INVALID({
      field,
      value: loader?.load,
      accepted: 'a function that loads one key',
    })
  }
  const refresh = options.refresh === false ? undefined : (options.refresh ?? {})
  const predict = options.predict === false ? undefined : options.predict
  return {
    concurrency: whole('concurrency', options.concurrency ?? 4),
    perSecond: whole('perSecond', options.perSecond ?? 100),
    fillTo: share('fillTo', options.fillTo ?? 0.9),
    loadShare: share('loadShare', options.loadShare ?? 0.1),
    loadBurst: whole('loadBurst', options.loadBurst ?? 50),
    refresh: refresh && {
      everyMs: timeout('refresh.everyMs', refresh.everyMs ?? 1_000),
      lastShare: share('refresh.lastShare', refresh.lastShare ?? 0.1),
      minReads: whole('refresh.minReads', refresh.minReads ?? 5),
      halfLifeMs: timeout('refresh.halfLifeMs', refresh.halfLifeMs ?? 60_000),
      maxKeys: whole('refresh.maxKeys', refresh.maxKeys ?? 1_000),
    },
    predict: predict && {
      ...predict,
      seasonLeadMs: timeout('predict.seasonLeadMs', predict.seasonLeadMs ?? 300_000),
      seasonKeys: whole('predict.seasonKeys', predict.seasonKeys ?? 500),
      horizonMs: timeout('predict.horizonMs', predict.horizonMs ?? 120_000),
      minPrecision: share('predict.minPrecision', predict.minPrecision ?? 0.25),
    },
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    random: options.random ?? Math.random,
  }
}

function share(field: string, value: number): number {
  if (value > 0 && value <= 1) return value
  throw cacheErrors.OPTION_INVALID({ field, value, accepted: 'a share above 0, at most 1' })
}
