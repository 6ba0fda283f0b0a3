import type { Clock, Logger, Ports, PurgeEvent } from '@millrace/core'
import type { CacheManager } from './cache.ts'
import type { CacheConfig } from './config.ts'
import type { SharedKeyspaces } from './platform/keyspaces.ts'
import type { ReadWindow } from './platform/metric-reads.ts'

/** What the control plane holds: its own cache, the shared tier of all, and a view of every process through its metrics. */
export interface CacheService {
  cache: CacheManager
  config: CacheConfig
  /** undefined: no Redis is configured, or it is not to be used. */
  shared: SharedKeyspaces | undefined
  ports: Ports
  /** Tells the caches outside of this package of a purge. */
  announce: (event: PurgeEvent) => void
  logger: Logger
  clock: Clock
  now: () => number
  dispose: () => Promise<void>
}

/** The last `windowMs` of everybody's metrics. @throws CORE_PORT_MISSING without monitoring */
export const recent = ({ ports, now }: CacheService, windowMs: number): ReadWindow => ({
  reader: ports.get('metricReader'),
  now: now(),
  windowMs,
})

/** What levels of now are compared with. */
export const CURVE_WINDOW_MS = 60_000
