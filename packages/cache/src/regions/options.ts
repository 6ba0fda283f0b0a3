import { silentLogger, systemClock, type Clock, type Logger } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import type { SharedStore } from '../drivers/driver.ts'
import { cacheErrors } from '../errors.ts'
import type { CacheInstruments } from '../metrics.ts'
import { timeout, whole } from '../options.ts'

export interface RegionOptions {
  /** Names the region in metrics, logs and statistics. */
  name: string
  /** Makes a driver of the region's store for the relay alone, with that origin and the keyspace of the caches concerned. */
  store: (origin: string) => SharedStore
}

export interface RegionRelayOptions {
  /** At least two. */
  regions: readonly RegionOptions[]
  /**
   * A relay that starts does not know what it missed. Default `invalidate`: everything in every region is stale then, which
   * costs reloads. `trust`: another relay ran all the time.
   */
  onStart?: 'invalidate' | 'trust'
  /** Invalidations kept for a region that is away; beyond, everything in it becomes stale. Default 10,000. */
  maxPending?: number
  /** Of one call to a region. Default 5 s. */
  timeoutMs?: number
  /** Ceilings of the first and of every pause after failures. Default 200 and 10,000. */
  retryBaseMs?: number
  retryMaxMs?: number
  registry?: MetricRegistry
  instruments?: CacheInstruments
  clock?: Clock
  logger?: Logger
  random?: () => number
}

export type RelayLimits = Required<
  Omit<RegionRelayOptions, 'regions' | 'onStart' | 'registry' | 'instruments'>
>

/** @throws CACHE_OPTION_INVALID */
export function resolveRelayOptions(options: RegionRelayOptions): RelayLimits {
  const names = options.regions.map(({ name }) => name)
  if (names.length < 2 || new Set(names).size < names.length || names.includes('')) {
    const accepted = 'at least two regions with different names'
    throw cacheErrors.OPTION_INVALID({ field: 'regions', value: names.join(', '), accepted })
  }
  return {
    maxPending: whole('maxPending', options.maxPending ?? 10_000),
    timeoutMs: timeout('timeoutMs', options.timeoutMs ?? 5_000),
    retryBaseMs: timeout('retryBaseMs', options.retryBaseMs ?? 200),
    retryMaxMs: timeout('retryMaxMs', options.retryMaxMs ?? 10_000),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    random: options.random ?? Math.random,
  }
}
