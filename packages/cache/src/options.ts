import { systemClock, type CacheEntryOptions, type Clock } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import { cacheErrors } from './errors.ts'
import type { CacheInstruments } from './metrics.ts'
import type { EvictionLimits, EvictionPolicy } from './memory/eviction.ts'
import type { NamespaceOptions } from './namespace.ts'

export const MAX_TAG_LENGTH = 256
export const MAX_TAGS_PER_ENTRY = 64

export interface SetOptions extends CacheEntryOptions {
  /** Memory of the value when the caller knows it; skips the estimate and the check for plain data. */
  sizeBytes?: number
}

export interface CacheOptions {
  /** Names the cache in errors. Default `cache`. */
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
  namespaces?: Record<string, NamespaceOptions>
  /** Default: the process's registry, which the agent exports. */
  registry?: MetricRegistry
  /** Instruments made already; `registry` is not used then. */
  instruments?: CacheInstruments
  clock?: Clock
  /** Default: S3-FIFO. */
  eviction?: (limits: EvictionLimits) => EvictionPolicy
}

export type CacheLimits = Required<
  Omit<CacheOptions, 'namespaces' | 'registry' | 'instruments' | 'clock' | 'eviction' | 'name'>
> & {
  name: string
  clock: Clock
}

/**
 * Fills in the defaults.
 * @throws CACHE_OPTION_INVALID, CACHE_TTL_INVALID
 */
export function resolveOptions(options: CacheOptions): CacheLimits {
  const maxBytes = whole('maxBytes', options.maxBytes ?? 64 * 1_048_576)
  return {
    name: options.name ?? 'cache',
    clock: options.clock ?? systemClock,
    maxEntries: whole('maxEntries', options.maxEntries ?? 10_000),
    maxBytes,
    maxEntryBytes: whole('maxEntryBytes', options.maxEntryBytes ?? Math.ceil(maxBytes / 8)),
    maxKeyLength: whole('maxKeyLength', options.maxKeyLength ?? 1_024),
    maxNamespaces: whole('maxNamespaces', options.maxNamespaces ?? 1_000),
    maxTags: whole('maxTags', options.maxTags ?? 10_000),
    defaultTtlMs: checkTtl('defaultTtlMs', options.defaultTtlMs ?? 300_000),
    loaderTimeoutMs: timeout('loaderTimeoutMs', options.loaderTimeoutMs ?? 30_000),
  }
}

/** @throws CACHE_OPTION_INVALID */
export function whole(field: string, value: number, min = 1): number {
  if (Number.isSafeInteger(value) && value >= min) return value
  throw cacheErrors.OPTION_INVALID({ field, value, accepted: `a whole number of at least ${min}` })
}

/** What setTimeout can hold. */
const MAX_TIMEOUT = 2 ** 31 - 1

/** @throws CACHE_OPTION_INVALID */
export function timeout(field: string, value: number): number {
  if (value > 0 && value <= MAX_TIMEOUT) return value
  throw cacheErrors.OPTION_INVALID({ field, value, accepted: `milliseconds above 0, at most ${MAX_TIMEOUT}` })
}

/** @throws CACHE_TTL_INVALID */
export function checkTtl(field: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value
  throw cacheErrors.TTL_INVALID({ field, value })
}

/** @throws CACHE_TAG_INVALID */
export function checkTags(tags: readonly string[]): readonly string[] {
  for (const tag of tags) {
    if (typeof tag !== 'string' || tag.length === 0 || tag.length > MAX_TAG_LENGTH) {
      throw cacheErrors.TAG_INVALID({ tag, max: MAX_TAG_LENGTH })
    }
  }
  if (tags.length > MAX_TAGS_PER_ENTRY) {
    throw cacheErrors.TAG_INVALID({ tag: `${tags.length} tags`, max: MAX_TAG_LENGTH })
  }
  return tags
}
