import { errors, type Dispatcher } from 'undici'
import type { EngineConfig } from '../config.ts'
import { UnprocessedError, type BackendConnections } from '../pools/backend-connections.ts'
import type { SessionTarget } from './dial.ts'
import { http2Fields } from './http2-headers.ts'
import { Http2Request } from './http2-request.ts'
import { Http2Session, type SessionLimits, type SessionOwner } from './http2-session.ts'
import type { RequestQueue, StreamTimeouts } from './request-queue.ts'

/** Timeouts are looked at so often. */
const SWEEP_MS = 500
/** What a connection is thought to take before the peer has said it. */
const EXPECTED_STREAMS = 100
/** A request that its backend refuses unseen is sent so often in all; then another backend may have it. */
const MAX_REFUSALS = 3

/**
 * The connections of HTTP/2 to one backend. One is opened when it is needed, another when those there are take no more streams; a
 * request goes to the least busy. Nothing is sent before the peer's settings are there: until then a request can still go elsewhere,
 * and whether the backend speaks HTTP/2 at all is known.
 */
export class Http2Connections implements BackendConnections, SessionOwner, RequestQueue {
  readonly target: SessionTarget
  readonly limits: SessionLimits
  readonly timeouts: StreamTimeouts
  readonly headerBytes: number
  readonly #maxSessions: number
  readonly #sessions = new Set<Http2Session>()
  #ready: Http2Session[] = []
  #connecting = 0
  #expected = EXPECTED_STREAMS
  #waiting: Http2Request[] = []
  #timer: NodeJS.Timeout | undefined = undefined
  #destroyed: PromiseWithResolvers<void> | undefined = undefined
  tlsSession: Buffer | undefined = undefined

  /** `maxSessions`: connections at the same time, those included that finish what they have. */
  constructor(target: SessionTarget, maxSessions: number, { timeouts, limits }: EngineConfig) {
    this.target = target
    this.#maxSessions = maxSessions
    this.timeouts = timeouts
    this.headerBytes = limits.responseHeaderBytes
    this.limits = {
      connectMs: timeouts.connectMs,
      keepAliveMs: timeouts.backendKeepAliveMs,
      pingMs: timeouts.backendPingMs,
      responseHeaderBytes: limits.responseHeaderBytes,
      requestHeaderBytes: limits.headerBytes,
    }
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const request = new Http2Request(this, options, handler, http2Fields(options, this.target.protocol))
    if (this.#destroyed !== undefined) request.fail(new errors.ClientDestroyedError())
    else this.#place(request)
    return true
  }

  #place(request: Http2Request): void {
    let best: Http2Session | undefined
    for (const session of this.#ready) if (session.room > (best?.room ?? 0)) best = session
    if (best !== undefined && this.#waiting.length === 0) {
      request.begin(best)
      return
    }
    request.since = performance.now()
    this.#waiting.push(request)
    this.#open()
  }

  /** As many connections as those who wait need. */
  #open(): void {
    const wanted = Math.ceil(this.#waiting.length / this.#expected)
    while (this.#connecting < wanted && this.#sessions.size < this.#maxSessions) {
      this.#connecting++
      this.#sessions.add(new Http2Session(this))
    }
    this.#timer ??= setInterval(() => this.#sweep(performance.now()), SWEEP_MS).unref()
  }

  ready(session: Http2Session): void {
    this.#connecting--
    this.#ready.push(session)
    // One that takes none at the moment says so again when it does.
    this.#expected = Math.max(1, session.capacity)
    this.freed(session)
    if (this.#waiting.length > 0) this.#open()
  }

  freed(session: Http2Session): void {
    while (this.#waiting.length > 0 && session.room > 0) {
      const request = this.#waiting.shift()!
      if (!request.over) request.begin(session)
    }
  }

  leaving(session: Http2Session): void {
    this.#ready = this.#ready.filter((one) => one !== session)
  }

  failed(_session: Http2Session, error: Error): void {
    this.#connecting--
    // With others there is hope until the time for a connection is over.
    if (this.#connecting === 0 && this.#ready.length === 0) this.#failWaiting(error)
  }

  closed(session: Http2Session): void {
    this.#sessions.delete(session)
    if (this.#waiting.length > 0 && this.#destroyed === undefined) this.#open()
    if (this.#sessions.size > 0) return
    if (this.#waiting.length === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    this.#destroyed?.resolve()
  }

  /** RFC 9113, 8.7: the request may be sent again, whatever it is. */
  refused(request: Http2Request, error: Error): void {
    request.refusals++
    if (this.#destroyed !== undefined || request.refusals >= MAX_REFUSALS) {
      request.fail(new UnprocessedError(error.message, error))
    } else this.#place(request)
  }

  #failWaiting(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const request of waiting) request.fail(error)
  }

  #sweep(now: number): void {
    for (const session of this.#sessions) session.sweep(now)
    const { connectMs } = this.limits
    const late = this.#waiting.filter(({ since }) => now - since >= connectMs + SWEEP_MS)
    if (late.length === 0) return
    this.#waiting = this.#waiting.filter((request) => !late.includes(request))
    for (const request of late) request.fail(new errors.ConnectTimeoutError())
  }

  destroy(): Promise<void> {
    if (this.#destroyed === undefined) {
      this.#destroyed = Promise.withResolvers()
      const error = new errors.ClientDestroyedError()
      this.#failWaiting(error)
      for (const session of this.#sessions) session.cut(error)
      if (this.#sessions.size === 0) {
        clearInterval(this.#timer)
        this.#destroyed.resolve()
      }
    }
    return this.#destroyed.promise
  }
}
