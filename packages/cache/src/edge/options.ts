import { silentLogger, systemClock, type Clock, type Logger, type Purger } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import { timeout, whole } from '../options.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { EdgeDialect, EdgeName } from './dialect.ts'

export interface EdgePurgeReport {
  what: 'key' | 'url' | 'all'
  /** What was given up; empty for `all`. */
  name: string
  attempts: number
  error: unknown
}

export interface EdgePurgeOptions {
  /** Whoever purges; a function when it may come and go, as a port does. Without one there is nothing to purge. */
  purger: Purger | (() => Purger | undefined)
  /**
   * Namespaces whose entries are named in responses (`entries` of `edgeHeaders`): a change of one of them purges. Default none:
   * only tags, patterns over everything and `clear` do, and a cache that is written often does not flood the edge.
   */
  namespaces?: readonly string[]
  /** As in the headers. Default `generic`. */
  edge?: EdgeName | EdgeDialect
  /** How long a purge waits for others to share its call. Default 50. */
  batchMs?: number
  /** Of one call. Default 10 s. */
  timeoutMs?: number
  /** Edges limit how often they are called. Default 10 calls a second. */
  callsPerSecond?: number
  /** Keys and addresses that wait; beyond, one purge of everything takes their place. Default 10,000. */
  maxPending?: number
  /** How often one key is refused, while others are taken, until it is given up and reported. Default 8. */
  maxAttempts?: number
  /** Ceilings of the first and of every pause after failures. Default 500 and 60,000. */
  retryBaseMs?: number
  retryMaxMs?: number
  /** Told of what was given up. */
  onGivenUp?: (report: EdgePurgeReport) => void
  registry?: MetricRegistry
  instruments?: CacheInstruments
  clock?: Clock
  logger?: Logger
  random?: () => number
}

export type EdgePurgeLimits = Required<
  Omit<EdgePurgeOptions, 'purger' | 'edge' | 'namespaces' | 'onGivenUp' | 'registry' | 'instruments'>
>

/** @throws CACHE_OPTION_INVALID */
export function resolveEdgePurgeOptions(options: EdgePurgeOptions): EdgePurgeLimits {
  return {
    batchMs: whole('batchMs', options.batchMs ?? 50, 0),
    timeoutMs: timeout('timeoutMs', options.timeoutMs ?? 10_000),
    callsPerSecond: whole('callsPerSecond', options.callsPerSecond ?? 10),
    maxPending: whole('maxPending', options.maxPending ?? 10_000),
    maxAttempts: whole('maxAttempts', options.maxAttempts ?? 8),
    retryBaseMs: timeout('retryBaseMs', options.retryBaseMs ?? 500),
    retryMaxMs: timeout('retryMaxMs', options.retryMaxMs ?? 60_000),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    random: options.random ?? Math.random,
  }
}
