import { cacheErrors } from './errors.ts'

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

const NUMBERS = {
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  negativeTtlMs: 0,
  earlyExpirationBeta: 0,
  loaderSoftTimeoutMs: 1,
  loaderTimeoutMs: 1,
} as const

/**
 * A call's settings, or a namespace's, over those that hold otherwise.
 * @throws CACHE_OPTION_INVALID
 */
export function resolveKeep(options: KeepOptions, defaults: Keep): Keep {
  let keep: Keep | undefined
  for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) {
    const value = options[name]
    if (value === undefined) continue
    const least = NUMBERS[name]
    if (typeof value !== 'number' || !(value >= least)) {
      throw cacheErrors.OPTION_INVALID({ field: name, value, accepted: `a number of at least ${least}` })
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
  if (compress !== undefined) keep = { ...(keep ?? defaults), compress }
  return keep ?? defaults
}

/** How long a value is kept after its time. */
export const staleWindow = ({ staleWhileRevalidateMs, staleIfErrorMs }: Keep): number =>
  Math.max(staleWhileRevalidateMs, staleIfErrorMs)
