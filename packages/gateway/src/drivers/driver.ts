import type { HistogramDelta, HttpCacheStatus, HttpPurge } from '@millrace/core'
import type { BalanceAlgorithm } from '../config.ts'
import type { OpenConnections } from '../connections-view/model.ts'
import type { Explanation, ExplainRequest } from '../routing/explain-model.ts'

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
  /** Per client. What is beyond it is answered with 429. Default: no limit. */
  rateLimit?: RateLimit
  /**
   * A host name without a port, or `*.example.org` for every name below it. The most specific host that has a matching
   * route wins, then the longest prefix, then the route with more conditions, then the earlier one. Default: any host.
   */
  host?: string
  /** In capitals, exactly these: GET does not stand for HEAD. Default: any. */
  methods?: readonly string[]
  /** All must match. A field sent several times is its values joined with `, `. */
  headers?: readonly HeaderMatch[]
  /** ISO 3166-1 alpha-2. A request whose country is not known matches none. */
  countries?: readonly string[]
  /** Shares the traffic out instead of sending all of it to `pool`, which must be one of the parts. */
  split?: Split
  /** Sends a copy of some requests to another pool, whose answers nobody sees. */
  mirror?: Mirror
}

/** Neither `value` nor `pattern`: the field is there. */
export interface HeaderMatch {
  name: string
  /** Compared as it is. */
  value?: string
  /** RE2 syntax, of the whole value; matched in linear time, whatever it is and whatever visitors send. */
  pattern?: string
}

/** `canary`: at random. `blue-green`: one part has everything. `ab`: a visitor stays in its part. */
export type SplitKind = 'canary' | 'blue-green' | 'ab'

export interface Split {
  /** Unique over all routes that do not share the same parts. Named in metrics, log and the header for backends. */
  name: string
  kind: SplitKind
  /** Of the visitor's place. Default: `millrace_ab_<name>` for `ab`, and none for the others. */
  cookie?: string
  /** Percentages that add up to 100, in steps of 0.01. */
  parts: readonly SplitPart[]
}

export interface SplitPart {
  pool: string
  share: number
}

export interface Mirror {
  pool: string
  /** Percentage of the requests. */
  share: number
  /** Requests with a larger body are not copied. Default 65,536. */
  maxBodyBytes?: number
  /** Default: GET, HEAD, OPTIONS and QUERY, which change nothing. */
  methods?: readonly string[]
}

/**
 * A token bucket: `burst` requests at once, refilled with `perSecond`. Each of several workers has its share of both, at
 * least one request of burst.
 */
export interface RateLimit {
  perSecond: number
  burst: number
  /**
   * `client` (the default): by the visitor's address as far as trusted proxies say it, IPv6 by /64. `header:<name>`: by that
   * header's value; requests without it are told apart by address.
   */
  by?: 'client' | `header:${string}`
}

/** Which visitors keep their backend. */
export interface StickySessions {
  /** `cookie`: signed, set by the gateway. `ip`: by a hash of the visitor's address, in place of `balance`. */
  kind: 'cookie' | 'ip'
  cookieName: string
  /** Since the last use, give or take half of it. */
  maxAgeMs: number
  /** What cookies are signed with, the same in all processes; at least 16 characters. */
  secret: string
}

/** Takes a backend out that answers with errors or too slowly, and lets it come back in steps. */
export interface CircuitBreaker {
  /** Share of failed answers (5xx, no answer, slower than `latencyMs`) that opens it, 0–1. */
  errorRatio: number
  /** Milliseconds to the response's head; what takes longer counts as failed. Default: nothing does. */
  latencyMs?: number
  /** Fewer answers than this in the window open nothing. */
  minRequests: number
  windowMs: number
  /** How long it stays open; doubled each time that the recovery fails, up to 16 times this. */
  openMs: number
  /** Percentages of its weight that it gets while it recovers, each for a window: `[10, 50, 100]`. */
  steps: readonly number[]
  /** When more than this share of a pool would be out, all of it is used. Default 0.5. */
  panicShare?: number
}

/** Leaves a backend out for a while that fails several requests in a row (Envoy's outlier detection). */
export interface OutlierDetection {
  /** Failures in a row. Any failed connection leaves it out besides, for a quarter of a second and up to five. */
  consecutiveFailures: number
  /** Of a pool, 0–1; one backend may always be left out. */
  maxEjectedShare: number
  /** Times the number of ejections so far, which is forgotten one by one while it answers. */
  baseEjectMs: number
  /** Default 300,000. */
  maxEjectMs?: number
  /** Whether a 5xx counts as a failure. Default false. */
  serverErrors?: boolean
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
  /** Requests in progress over all workers. Default: the engine's `limits.backendConnections`. */
  maxConnections?: number
  /** Where it runs, as its source names it; no engine looks at it. */
  zone?: string
}

export interface PoolEntry {
  name: string
  /**
   * Towards its backends. `http2`: with prior knowledge over `http`, by ALPN over `https`, where a backend that does not offer it
   * fails as one that cannot be connected to. Default `http1`.
   */
  protocol?: 'http1' | 'http2'
  /** Default: the engine's algorithm. */
  balance?: BalanceAlgorithm
  /** Whether its responses may be answered from the HTTP cache, when the engine has one. Default true. */
  cache?: boolean
  /**
   * Remembers which links to preload its pages announce, and sends them as 103 to browsers that come by HTTP/2, before a backend
   * is asked. Default false.
   */
  earlyHints?: boolean
  /** Pool of the regions that answer when this one cannot. Default: none. */
  regions?: string
  /** Default: none. */
  sticky?: StickySessions
  /** Default: none. */
  breaker?: CircuitBreaker
  /** Default: only backends are left out that connections cannot be made to. */
  outlier?: OutlierDetection
  /** Of each backend; what is beyond it waits. `by` has no meaning here. Default: no limit. */
  rateLimit?: RateLimit
  backends: readonly BackendEntry[]
}

/** Everything an engine routes by. Always replaced as a whole. */
export interface GatewayTable {
  routes: readonly RouteEntry[]
  pools: readonly PoolEntry[]
}

export type CircuitState = 'closed' | 'open' | 'recovering'

export interface BackendStats {
  id: string
  address: string
  state: BackendState
  /** Taken out for a moment because it failed requests in a row, or connections to it. */
  ejected: boolean
  circuit: CircuitState
  /** Share of its weight that it gets now, 0–1. */
  admitted: number
  /** To the response's head, lately, in milliseconds. 0: not measured, which the algorithm or the breaker must want. */
  latencyMs: number
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
  /** Absent: no route has a split. */
  splits?: SplitStats[]
  /** Absent: without `tls.enabled`. */
  tls?: TlsStats
}

/** Of the requests that a part's backends answered, or failed to; what visitors gave up is not counted. */
export interface SplitStats {
  name: string
  kind: SplitKind
  parts: SplitPartStats[]
}

export interface SplitPartStats extends SplitPart {
  requests: number
  /** 5xx, or no answer; also where the visitor was answered by another part in the end. */
  errors: number
  /** In seconds. */
  duration: HistogramDelta
}

export interface PurgeResult {
  workers: number
  confirmed: number
}

/** Where an engine is reached. */
export interface ListenAddress {
  host: string
  port: number
  /** For TLS; absent without `tls.enabled`. */
  tls?: { host: string; port: number }
}

/** A certificate in use. */
export interface CertificateStats {
  /** Its file. */
  certificate: string
  names: string[]
  /** Milliseconds since the epoch. */
  validTo: number
  /** Negative when it has expired. */
  daysLeft: number
}

/** TLS towards visitors. Counts are since the engine started. */
export interface TlsStats {
  certificates: CertificateStats[]
  handshakes: number
  /** Of them, those that went on with a former session. */
  resumed: number
  failed: number
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
   * Reads the certificates again, at once. Resolves with those in use; rejects with GATEWAY_CERTIFICATE_INVALID, and the
   * former ones stay. None without `tls.enabled`. Absent: the engine has no TLS.
   */
  reloadCertificates?(): Promise<readonly CertificateStats[]>
  /** What would become of a request, decided as it would be and without sending it. Absent: the engine cannot say. */
  explain?(request: ExplainRequest): Promise<Explanation>
  /** The visitors' open connections, at most `limit` of each process. Absent: the engine cannot say. */
  connections?(limit: number): Promise<OpenConnections>
  /** Cuts one of them off, with what is in progress on it. Rejects with GATEWAY_CONNECTION_UNKNOWN. */
  disconnect?(id: string): Promise<void>
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
