import { silentLogger, systemClock, type CacheEntryOptions, type Clock, type Logger } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import type { RedisSettings } from '@millrace/core/redis'
import type { SharedStore } from './drivers/driver.ts'
import type { EdgeTier } from './edge/edge-tier.ts'
import { cacheErrors } from './errors.ts'
import type { CacheInstruments } from './metrics.ts'
import type { EvictionChoice } from './memory/choose-policy.ts'
import { MAX_TIMEOUT_MS, type KeepOptions } from './keep.ts'
import type { NamespaceTable } from './typed-namespace.ts'

export const MAX_TAG_LENGTH = 256
export const MAX_TAGS_PER_ENTRY = 64

export interface SetOptions extends CacheEntryOptions, KeepOptions {
  /** Memory of the value when the caller knows it; skips the estimate and the check for plain data. */
  sizeBytes?: number
}

export interface RefreshSettings extends SetOptions {
  /**
   * A fresh value of another process will do, if it is newer than what this one holds: so that many processes that renew
   * the same keys load each once. Default false.
   */
  orNewer?: boolean
}

export type Compression = 'lz4' | 'snappy' | 'off'

/** The second tier, which several processes share. */
export interface SharedOptions {
  /** Where entries are shared; closed with the cache. Without this and `redis`: this process alone, in memory. */
  shared?: SharedStore
  /**
   * Share through Redis. `environment`: the one that REDIS_URL, REDIS_HOST, REDIS_SENTINELS or REDIS_CLUSTER_NODES names, if
   * any, unless REDIS_ENABLED is false.
   */
  redis?: RedisSettings | 'environment'
  /** What the shared tier may add to one request, in milliseconds, hung or not. Default 50. */
  sharedTimeoutMs?: number
  /** Default `lz4`. */
  compression?: Compression
  /** Smaller values are not compressed. Default 1,024 bytes. */
  compressAboveBytes?: number
  /** A larger record is not sent to the shared tier. Default 8 MiB. */
  maxSharedBytes?: number
  /** Invalidations kept while the shared tier is away; beyond, everything shared becomes stale. Default 10,000. */
  maxUndelivered?: number
  /** A process that loads a value for all is given up when it has not been heard of for this long. Default 5 s. */
  leaseMs?: number
  /** How long a process waits for another one that loads the same value, before it loads itself. Default 10 s. */
  leaseWaitMs?: number
  /** Default: silent. */
  logger?: Logger
}

export interface CacheOptions<Table extends NamespaceTable = NamespaceTable> extends SharedOptions {
  /** Names the cache in errors, and its keys in the shared tier. Default: MILLRACE_SERVICE, or `cache`. */
  name?: string
  /** Default 10,000. */
  maxEntries?: number
  /** Estimated memory of all entries. Default 64 MiB. */
  maxBytes?: number
  /** A larger entry is not stored. Default: an eighth of `maxBytes`. */
  maxEntryBytes?: number
  /** Characters of an identifier. Default 1,024. */
  maxKeyLength?: number
  /** Default 1,000. */
  maxNamespaces?: number
  /** How many invalidated tags are remembered one by one. Default 10,000. */
  maxTags?: number
  /** For namespaces that set none. Default 5 minutes. */
  defaultTtlMs?: number
  /** A loader of `getOrSet` that takes longer fails with CACHE_LOADER_TIMEOUT. Default 30 s. */
  loaderTimeoutMs?: number
  /** Added to the presets of `CACHE_POLICIES`; a namespace not named here or there gets `defaultTtlMs`. */
  namespaces?: Table
  /** Default: the process's registry, which the agent exports. */
  registry?: MetricRegistry
  /** Instruments made already; `registry` is not used then. */
  instruments?: CacheInstruments
  clock?: Clock
  /** In [0, 1): for early renewals and pauses. Default `Math.random`. */
  random?: () => number
  /** The third tier, told of every invalidation and of every value that is set: `EdgePurges`. */
  edge?: EdgeTier
  /** Which entries leave when the memory is full. Default `adaptive`, measured in `bench/cache-policy.bench.ts`. */
  eviction?: EvictionChoice
}

export type CacheLimits = Required<
  Omit<
    CacheOptions,
    'namespaces' | 'registry' | 'instruments' | 'clock' | 'eviction' | 'shared' | 'redis' | 'edge'
  >
> & {
  clock: Clock
}

/**
 * Fills in the defaults.
 * @throws CACHE_OPTION_INVALID, CACHE_TTL_INVALID
 */
export function resolveOptions(options: CacheOptions): CacheLimits {
  const maxBytes = whole('maxBytes', options.maxBytes ?? 64 * 1_048_576)
  return {
    name: options.name ?? process.env.MILLRACE_SERVICE ?? 'cache',
    clock: options.clock ?? systemClock,
    maxEntries: whole('maxEntries', options.maxEntries ?? 10_000),
    maxBytes,
    maxEntryBytes: whole('maxEntryBytes', options.maxEntryBytes ?? Math.ceil(maxBytes / 8)),
    maxKeyLength: whole('maxKeyLength', options.maxKeyLength ?? 1_024),
    maxNamespaces: whole('maxNamespaces', options.maxNamespaces ?? 1_000),
    maxTags: whole('maxTags', options.maxTags ?? 10_000),
    defaultTtlMs: checkTtl('defaultTtlMs', options.defaultTtlMs ?? 300_000),
    loaderTimeoutMs: timeout('loaderTimeoutMs', options.loaderTimeoutMs ?? 30_000),
    sharedTimeoutMs: timeout('sharedTimeoutMs', options.sharedTimeoutMs ?? 50),
    compression: compression(options.compression ?? 'lz4'),
    compressAboveBytes: whole('compressAboveBytes', options.compressAboveBytes ?? 1_024, 0),
    maxSharedBytes: whole('maxSharedBytes', options.maxSharedBytes ?? 8 * 1_048_576),
    maxUndelivered: whole('maxUndelivered', options.maxUndelivered ?? 10_000),
    leaseMs: timeout('leaseMs', options.leaseMs ?? 5_000),
    leaseWaitMs: timeout('leaseWaitMs', options.leaseWaitMs ?? 10_000),
    logger: options.logger ?? silentLogger,
    random: options.random ?? Math.random,
  }
}

function compression(value: Compression): Compression {
  if (value === 'lz4' || value === 'snappy' || value === 'off') return value
  throw cacheErrors.OPTION_INVALID({ field: 'compression', value, accepted: "'lz4', 'snappy' or 'off'" })
}

/** @throws CACHE_OPTION_INVALID */
export function whole(field: string, value: number, min = 1): number {
  if (Number.isSafeInteger(value) && value >= min) return value
  throw cacheErrors.OPTION_INVALID({ field, value, accepted: `a whole number of at least ${min}` })
}

/** @throws CACHE_OPTION_INVALID */
export function timeout(field: string, value: number): number {
  if (value > 0 && value <= MAX_TIMEOUT_MS) return value
  const accepted = `milliseconds above 0, at most ${MAX_TIMEOUT_MS}`
  throw cacheErrors.OPTION_INVALID({ field, value, accepted })
}

/** @throws CACHE_TTL_INVALID */
export function checkTtl(field: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value
  throw cacheErrors.TTL_INVALID({ field, value })
}

/** @throws CACHE_TAG_INVALID */
export function checkTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags)) throw cacheErrors.TAG_INVALID({ tag: tags, max: MAX_TAG_LENGTH })
  for (const tag of tags) {
    const accepted = typeof tag === 'string' && tag.length > 0 && tag.length <= MAX_TAG_LENGTH
    if (!accepted || !tag.isWellFormed()) throw cacheErrors.TAG_INVALID({ tag, max: MAX_TAG_LENGTH })
  }
  if (tags.length > MAX_TAGS_PER_ENTRY) {
    throw cacheErrors.TAG_INVALID({ tag: `${tags.length} tags`, max: MAX_TAG_LENGTH })
  }
  return tags
}
