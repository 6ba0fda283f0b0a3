import type { Dispatcher } from 'undici'
import type {
  HttpCacheDecision,
  HttpCacheFetch,
  HttpCacheLookup,
  HttpCachePass,
  HttpCacheStatus,
} from '@millrace/core'
import type { Exchange } from '../proxy/exchange.ts'
import { keysToPurge } from './application-purge.ts'
import type { Caching } from './caching.ts'

type Controller = Dispatcher.DispatchController

/** Of an answer that nobody sees, so many bytes are read to keep the backend's connection. */
const UNSEEN_BYTES = 65_536
const UNSEEN_MS = 1_000
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const NOT_WANTED = new Error('nobody wants the rest of the answer')

/**
 * The cache's part in one exchange. It is asked first; what has to be fetched goes on as any other request, and passes by
 * here on its way to the visitor.
 */
export class CacheTurn {
  readonly #caching: Caching
  readonly #exchange: Exchange
  /** Path and query as the visitor has them, with the prefix that a route takes off. */
  readonly #target: string
  readonly #variant: string | undefined
  status: HttpCacheStatus = 'bypass'
  /** The body came from the cache. */
  served = false
  #pass: HttpCachePass | undefined = undefined
  #fetch: HttpCacheFetch | undefined = undefined
  #recording = false
  #unseen = 0
  /** Bytes that this visitor is behind of what was read for it. */
  #ahead = 0
  #unattended = false
  #timer: NodeJS.Timeout | undefined = undefined

  /** `variant`: which of several pools answers, where the address does not say it. */
  constructor(caching: Caching, exchange: Exchange, target: string, variant: string | undefined) {
    this.#caching = caching
    this.#exchange = exchange
    this.#target = target
    this.#variant = variant
  }

  begin(): void {
    const { headers, method } = this.#exchange
    const found = this.#caching.safely(() =>
      this.#caching.cache.lookup({
        method,
        scheme: headers.scheme,
        host: headers.host!,
        target: this.#target,
        rawHeaders: headers.raw,
        variant: this.#variant,
      }),
    )
    if (!(found instanceof Promise)) {
      this.#proceed(found)
      return
    }
    found.then(
      (lookup) => this.#proceed(lookup),
      (error: unknown) => {
        this.#caching.failed(error)
        this.#proceed(undefined)
      },
    )
  }

  #proceed(lookup: HttpCacheLookup | undefined): void {
    const exchange = this.#exchange
    switch (lookup?.kind) {
      case 'answer':
        this.status = lookup.cacheStatus
        this.served = true
        if (lookup.renewal !== undefined) {
          this.#caching.renew(exchange.pool, lookup.renewal, exchange.path)
        }
        exchange.answer(lookup)
        return
      case 'fetch':
        this.#fetch = lookup
        this.status = 'miss'
        exchange.outgoing = lookup.rawHeaders
        // The visitor left while others' answer was waited for.
        if (exchange.done) this.abandon()
        break
      case 'pass':
        this.#pass = lookup
        break
      case undefined:
    }
    if (!exchange.done) exchange.forward()
  }

  /** The head of the backend's answer. */
  head(controller: Controller, status: number, reason: string | undefined, raw: readonly Buffer[]): void {
    const { writer } = this.#exchange
    const received = raw.map((text) => text.toString('latin1'))
    if (this.#pass !== undefined) this.#passed(this.#pass, status, received)
    const decision = this.#decide(status, received)
    if (decision === undefined) {
      writer.head(controller, status, reason, received)
    } else if (decision.kind === 'forward' || decision.kind === 'record') {
      this.#recording = decision.kind === 'record'
      writer.head(controller, status, reason, edited(received, decision))
    } else {
      this.status = decision.cacheStatus
      this.served = true
      this.#exchange.answer(decision)
    }
  }

  /** Of requests that may change something. Before the visitor has the answer, so that the next look sees the change. */
  #passed(pass: HttpCachePass, status: number, received: string[]): void {
    this.#caching.safely(() => pass.responded(status, received))
    if (SAFE.has(this.#exchange.method)) return
    if (status >= 200 && status < 400) this.#caching.changed(this.#target)
    const keys = keysToPurge(status, received)
    if (keys !== undefined) this.#caching.purgedByApplication(keys)
  }

  #decide(status: number, received: string[]): HttpCacheDecision | undefined {
    return this.#fetch && this.#caching.safely(() => this.#fetch!.responded(status, received))
  }

  /** A chunk of the backend's answer. True: the visitor is to have it. */
  data(controller: Controller, chunk: Buffer): boolean {
    if (this.#recording) {
      this.#recording = this.#caching.safely(() => this.#fetch!.write(chunk)) === true
    }
    const { done, settled } = this.#exchange
    if (!done && !settled) return true
    if (this.#recording) return false
    this.#unseen += chunk.length
    // Nothing more will be stored. A visitor who was answered from the cache is on a connection worth keeping.
    if (this.#unseen > (settled ? UNSEEN_BYTES : 0)) controller.abort(NOT_WANTED)
    return false
  }

  /** Whether the backend's answer is read on although the visitor is behind with it. */
  mayReadAhead(bytes: number): boolean {
    if (!this.#recording || !this.#caching.readAhead(bytes)) return false
    this.#ahead += bytes
    return true
  }

  caughtUp(): void {
    this.#caching.caughtUp(this.#ahead)
    this.#ahead = 0
  }

  /** The backend's answer is complete. */
  end(): void {
    const fetch = this.#fetch
    this.#finish()
    if (fetch !== undefined) this.#caching.safely(() => fetch.end())
  }

  /** There will be no (more) answer. */
  abandon(): void {
    const fetch = this.#fetch
    this.#finish()
    if (fetch !== undefined) this.#caching.safely(() => fetch.fail())
  }

  /** Before the visitor is told of an error: true when there was something to answer instead. */
  rescued(): boolean {
    const fetch = this.#fetch
    if (fetch === undefined) return false
    this.#finish()
    this.status = 'error'
    const answer = this.#caching.safely(() => fetch.fail())
    if (answer === undefined) return false
    this.status = answer.cacheStatus
    this.served = true
    this.#exchange.answer(answer)
    return true
  }

  /**
   * The visitor's side is over while a backend still answers. True: it is read on, for a stated time, because it is being
   * stored, or because little is missing to keep the connection.
   */
  outlives(controller: Controller | undefined): boolean {
    const { settled } = this.#exchange
    if (controller === undefined || (!this.#recording && !(settled && this.served))) return false
    if (!this.#caching.unattendedBegins()) return false
    this.#unattended = true
    const limitMs = this.#recording ? this.#caching.config.finishMs : UNSEEN_MS
    this.#timer = setTimeout(() => controller.abort(NOT_WANTED), limitMs)
    this.#timer.unref()
    controller.resume()
    return true
  }

  #finish(): void {
    this.#fetch = undefined
    this.#recording = false
    clearTimeout(this.#timer)
    if (this.#unattended) this.#caching.unattendedEnded()
    this.#unattended = false
  }
}

/** Without what is not for the visitor, and with what the cache has to say. */
function edited(
  received: string[],
  { addHeaders, dropHeaders = [] }: { addHeaders: readonly string[]; dropHeaders?: readonly string[] },
): string[] {
  const kept =
    dropHeaders.length === 0
      ? received
      : received.filter((_, at) => !dropHeaders.includes(received[at - (at % 2)]!.toLowerCase()))
  return addHeaders.length === 0 ? kept : [...kept, ...addHeaders]
}
