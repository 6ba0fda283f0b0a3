import type { HistogramDelta, HttpCacheStatus, HttpPurge } from '@millrace/core'
import type { BalanceAlgorithm } from '../config.ts'

/** A path prefix and the pool that answers it. */
export interface RouteEntry {
  /** Matched on whole segments: `/shop` matches `/shop` and `/shop/1`, not `/shopping`. `/` matches everything. */
  prefix: string
  pool: string
  /** Removes the prefix before forwarding; the backend learns it from X-Forwarded-Prefix. Default false. */
  stripPrefix?: boolean
  /**
   * `loopback`: 404 unless the connection comes from this machine, no header says that it was forwarded, and the Host
   * is `localhost` or a loopback address. Default `any`.
   */
  access?: 'any' | 'loopback'
}

/** up: takes requests. draining: finishes those it has. down: failed its health checks. */
export type BackendState = 'up' | 'draining' | 'down'

export interface BackendEntry {
  /** Unique over all pools. */
  id: string
  host: string
  port: number
  /** Default `http`. */
  protocol?: 'http' | 'https'
  /** Relative share of traffic. Default 1. */
  weight?: number
  /** Default `up`. */
  state?: BackendState
}

export interface PoolEntry {
  name: string
  /** Default: the engine's algorithm. */
  balance?: BalanceAlgorithm
  /** Whether its responses may be answered from the HTTP cache, when the engine has one. Default true. */
  cache?: boolean
  backends: readonly BackendEntry[]
}

/** Everything an engine routes by. Always replaced as a whole. */
export interface GatewayTable {
  routes: readonly RouteEntry[]
  pools: readonly PoolEntry[]
}

export interface BackendStats {
  id: string
  address: string
  state: BackendState
  /** Taken out for a moment because connections to it failed. */
  ejected: boolean
  inFlight: number
  requests: number
  failures: number
}

export interface PoolStats {
  name: string
  balance: BalanceAlgorithm
  inFlight: number
  queued: number
  requests: number
  retries: number
  /** Since the engine started, in seconds. */
  duration: HistogramDelta
  backends: BackendStats[]
}

/** Requests by what the HTTP cache made of them, and what it holds. */
export interface CacheStats extends Record<HttpCacheStatus, number> {
  /** Requests of the cache's own. */
  renewals: number
  entries: number
  bytes: number
  maxBytes: number
  /** Of compressed forms, with the bodies that they are of. */
  encodedBytes: number
}

export interface GatewayStats {
  connections: number
  inFlight: number
  requests: number
  pools: PoolStats[]
  /** Absent: there is no HTTP cache. */
  cache?: CacheStats
}

export interface PurgeResult {
  workers: number
  confirmed: number
}

/** Where an engine is reached. */
export interface ListenAddress {
  host: string
  port: number
}

/**
 * An engine that moves requests. `createGateway` is one in this process; the worker group is the same over several
 * processes. Every engine passes the suite in `testing/engine-suite.ts`.
 */
export interface GatewayEngine {
  /** Resolves when connections are accepted; rejects with GATEWAY_LISTEN_FAILED. */
  listen(): Promise<ListenAddress>
  /** Resolves when every following request is routed by the new table. Rejects with GATEWAY_TABLE_INVALID. */
  update(table: GatewayTable): Promise<void>
  /**
   * Sends no new request to the backend, whatever later tables say, and resolves when none is in flight any more,
   * or after `timeoutMs` with the number that still is. Rejects with GATEWAY_BACKEND_UNKNOWN.
   */
  drain(backendId: string, timeoutMs: number): Promise<{ inFlight: number }>
  /** Takes a drained backend back. Rejects with GATEWAY_BACKEND_UNKNOWN. */
  undrain(backendId: string): Promise<void>
  stats(): Promise<GatewayStats>
  /**
   * Forgets cached responses. Resolves with how many processes have done so, of how many that have a cache; what a process
   * could not be told is reported by `confirmed` being smaller. None without a cache.
   */
  purge(what: HttpPurge): Promise<PurgeResult>
  /**
   * Stops accepting, answers what is in flight with `Connection: close`, and cuts what is left after `deadlineMs`
   * (default 30,000). Calling it twice waits for the first.
   */
  close(options?: { deadlineMs?: number }): Promise<void>
}
