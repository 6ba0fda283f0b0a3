import type { Logger } from '../logger/logger.ts'
import type { MetricRegistry } from '../metrics/registry.ts'

/**
 * A shared cache of HTTP responses (RFC 9111) for whoever forwards requests: the gateway. The cache decides what is
 * stored and what a stored response means; the caller moves the bytes. Raw headers are lists of alternating names and
 * values, as Node has them.
 */
export interface HttpCacheRequest {
  method: string
  /** `http` or `https`, as the visitor used it. */
  scheme: string
  host: string
  /** Path and query, as sent. */
  target: string
  rawHeaders: readonly string[]
  /** Which of several origins answers this request, where the address alone does not say it: part of the key. */
  variant?: string | undefined
}

/** How a request was answered: for `Cache-Status` (RFC 9211), the access log and metrics. */
export type HttpCacheStatus = 'hit' | 'stale' | 'miss' | 'revalidated' | 'bypass' | 'error'

/** A complete answer. */
export interface HttpCacheAnswer {
  kind: 'answer'
  cacheStatus: HttpCacheStatus
  status: number
  /** End-to-end headers only, `age`, `cache-status` and `content-length` included. */
  rawHeaders: readonly string[]
  /** Undefined for 304 and HEAD. */
  body: Buffer | undefined
  /**
   * Set when the answer was stale and may be used while it is renewed (RFC 5861): send this request to the origin in
   * the background; nobody waits for it.
   */
  renewal: HttpCacheFetch | undefined
}

/** The cache has nothing to do with this request, except that an unsafe one that succeeds invalidates its target. */
export interface HttpCachePass {
  kind: 'pass'
  /** To be called with the head of the origin's response (RFC 9111, section 4.4). */
  responded(status: number, rawHeaders: readonly string[]): void
}

/** A request that has to go to the origin, on behalf of the visitor or of the cache. */
export interface HttpCacheFetch {
  kind: 'fetch'
  /** What to send in place of the visitor's headers: made conditional, or freed of the visitor's own conditions. */
  rawHeaders: readonly string[]
  /**
   * The head of the origin's final response. `forward`: pass it on, nothing is stored. `record`: pass it on, and give
   * every chunk to `write` as well. An answer: send that in its place, and read the origin's body to its end unseen (a 304
   * that confirmed what is stored, or an error while stale content may still be used).
   */
  responded(status: number, rawHeaders: readonly string[]): HttpCacheDecision
  /** A chunk of the body. False: nothing will be stored any more, no further chunk is wanted. */
  write(chunk: Buffer): boolean
  /** The body is complete: what was recorded is stored, and those who wait for it are answered. */
  end(): void
  /**
   * The origin failed, or sent half an answer. Before its head: perhaps there is a stale answer to send
   * (stale-if-error). Must be called in every case that does not reach `end`; harmless after it.
   */
  fail(): HttpCacheAnswer | undefined
}

/** `dropHeaders`: names in lower case of what is not for the visitor, such as `surrogate-key`; `addHeaders` raw, like the rest. */
export type HttpCacheDecision =
  | { kind: 'forward'; addHeaders: readonly string[]; dropHeaders?: readonly string[] }
  | { kind: 'record'; addHeaders: readonly string[]; dropHeaders?: readonly string[] }
  | HttpCacheAnswer

export type HttpCacheLookup = HttpCacheAnswer | HttpCachePass | HttpCacheFetch

export type HttpPurge =
  /** One resource, all of its variants. */
  | { url: string; soft?: boolean }
  /** Paths and queries, whatever the scheme and host: `/products/1?size=l`. */
  | { paths: readonly string[]; soft?: boolean }
  /** Everything below it: `https://shop.example/images/`, or `/images/` for every scheme and host. */
  | { prefix: string; soft?: boolean }
  /** Surrogate keys (`Surrogate-Key`, `Cache-Tag`) and tags. */
  | { keys: readonly string[]; soft?: boolean }
  | { all: true; soft?: boolean }

export interface HttpCacheStats {
  /** Stored responses, each variant counted. */
  entries: number
  bytes: number
  maxBytes: number
}

export interface HttpCache {
  /**
   * At once when the answer is in memory or the request is not for a cache; a promise when a shared tier is asked, or when
   * another request for the same response is under way (request collapsing).
   */
  lookup(request: HttpCacheRequest): HttpCacheLookup | Promise<HttpCacheLookup>
  /** `soft` marks as stale, so that it is revalidated or served on error; otherwise it is gone. */
  purge(what: HttpPurge): Promise<void>
  /** What this process holds in memory at the moment. */
  stats(): HttpCacheStats
  close(): Promise<void>
}

/**
 * How a data-plane process gets one: the capability that has it names a module, which the process imports, and options to
 * hand over. The module exports `createHttpCache: HttpCacheFactory`.
 */
export interface HttpCacheModule {
  /** `import()`-able: a file URL. */
  module: string
  /** Plain data. */
  options: unknown
}

export type HttpCacheFactory = (
  options: unknown,
  context: {
    /** Of this process, for logs: `gateway/1`. */
    instance: string
    logger: Logger
    registry: MetricRegistry
  },
) => Promise<HttpCache>
