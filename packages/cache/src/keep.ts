import { cacheErrors } from './errors.ts'

/** What setTimeout can hold. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1

export type Tiers = 'memory' | 'shared' | 'both'

/** How entries are kept and renewed: for a whole namespace, or in one call. */
export interface KeepOptions {
  /** Milliseconds after its time in which a value is served at once while it is renewed. Default 0: never. */
  staleWhileRevalidateMs?: number
  /** Milliseconds after its time in which a value is served when loading fails or takes too long. Default 0: never. */
  staleIfErrorMs?: number
  /** How long it is remembered that there is nothing (`undefined` or `null`). Default: as any value; 0: not at all. */
  negativeTtlMs?: number
  /**
   * How eagerly `getOrSet` renews a value before its time, in the background, so that it never expires under load
   * (XFetch: Vattani et al., "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015): the earlier, the longer loading
   * took. Default 1; 0: never.
   */
  earlyExpirationBeta?: number
  /** A stale value that may be served is returned when loading takes longer; the load goes on. Default: no such limit. */
  loaderSoftTimeoutMs?: number
  /** A loader that takes longer fails with CACHE_LOADER_TIMEOUT. Default: the cache's. */
  loaderTimeoutMs?: number
  /** Where entries are kept. Default `both`; without a shared tier that is memory. */
  tiers?: Tiers
  /** Whether large values are compressed in the shared tier. Default true. */
  compress?: boolean
}

export interface Keep {
  staleWhileRevalidateMs: number
  staleIfErrorMs: number
  /** Undefined: as any value. */
  negativeTtlMs: number | undefined
  earlyExpirationBeta: number
  loaderSoftTimeoutMs: number
  /** Undefined: the cache's. */
  loaderTimeoutMs: number | undefined
  tiers: Tiers
  compress: boolean
}

export const KEEP_DEFAULTS: Keep = {
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  negativeTtlMs: undefined,
  earlyExpirationBeta: 1,
  loaderSoftTimeoutMs: Infinity,
  loaderTimeoutMs: undefined,
  tiers: 'both',
  compress: true,
}

/** The least and the most of each. A soft limit of Infinity is none. */
const NUMBERS = {
  staleWhileRevalidateMs: [0, Infinity],
  staleIfErrorMs: [0, Infinity],
  negativeTtlMs: [0, Infinity],
  earlyExpirationBeta: [0, Number.MAX_VALUE],
  loaderSoftTimeoutMs: [1, Infinity],
  loaderTimeoutMs: [1, MAX_TIMEOUT_MS],
} as const
const NUMBER_NAMES = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]

/**
 * A call's settings, or a namespace's, over those that hold otherwise.
 * @throws CACHE_OPTION_INVALID
 */
export function resolveKeep(options: KeepOptions, defaults: Keep): Keep {
  let keep: Keep | undefined
  for (const name of NUMBER_NAMES) {
    const value = options[name]
    if (value === undefined) continue
    const [least, most] = NUMBERS[name]
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      const limit = most === Infinity ? '' : ` and at most ${most}`
      const accepted = `a number of at least ${least}${limit}`
      throw cacheErrors.OPTION_INVALID({ field: name, value, accepted })
    }
    keep ??= { ...defaults }
    keep[name] = value
  }
  const { tiers, compress } = options
  if (tiers !== undefined) {
    if (tiers !== 'memory' && tiers !== 'shared' && tiers !== 'both') {
      throw cacheErrors.OPTION_INVALID({
        field: 'tiers',
        value: tiers,
        accepted: "'memory', 'shared' or 'both'",
      })
    }
    keep = { ...(keep ?? defaults), tiers }
  }
  if (compress !== undefined && typeof compress !== 'boolean') {
    throw cacheErrors.OPTION_INVALID({ field: 'compress', value: compress, accepted: 'true or false' })
  }
  if (compress !== undefined) keep = { ...(keep ?? defaults), compress }
  return keep ?? defaults
}

/** How long a value is kept after its time. */
export const staleWindow = ({ staleWhileRevalidateMs, staleIfErrorMs }: Keep): number =>
  Math.max(staleWhileRevalidateMs, staleIfErrorMs)
