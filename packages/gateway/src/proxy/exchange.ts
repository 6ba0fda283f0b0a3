import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { HttpCacheAnswer, MillraceError } from '@millrace/core'
import type { Session } from '../affinity/affinity.ts'
import type { CacheTurn } from '../caching/cache-turn.ts'
import { sendHints } from '../early-hints/early-hints.ts'
import { gatewayErrors } from '../errors.ts'
import type { Assignment } from '../splitting/assignment.ts'
import { GuardedAttempt } from '../splitting/guarded-attempt.ts'
import type { BodyCopy } from '../splitting/mirror.ts'
import { UnprocessedError } from '../pools/backend-connections.ts'
import type { Backend } from '../pools/backend.ts'
import type { BackendPool } from '../pools/pool.ts'
import type { Applicant } from '../pools/waiting-line.ts'
import { dispatchOptions } from './dispatch-options.ts'
import { KeptBody } from './kept-body.ts'
import { limitSilence } from './pipelining.ts'

import type { ProxyContext } from './proxy-context.ts'
import { onResponseClose } from './proxy-response.ts'
import { recordExchange } from './record-exchange.ts'
import { reportFailure } from './report-failure.ts'
import { RequestBody } from './request-body.ts'
import type { RequestHeaders } from './request-headers.ts'
import { isIdempotent, isRepeatable, mayRetry } from './retry-policy.ts'
import { ResponseWriter } from './response-writer.ts'
import { sendRefusal } from './send-refusal.ts'
import { openTunnel } from './tunnel.ts'
import type { VisitorRequest, VisitorResponse } from './visitor.ts'
import { visitorKey } from './visitor-address.ts'
import { failureAnswer, failureReason, ProtocolError } from './upstream-error.ts'

type Controller = Dispatcher.DispatchController

/** Interim responses (1xx) per attempt. A backend that sends more never gets to its answer. */
const MAX_INTERIM = 32
const VISITOR_GONE = new Error('the visitor closed the connection')

/**
 * One request on its way through: it gets a backend from its pool, sends the request there and the response back, and
 * is the handler undici calls. Listeners are shared functions: a request without a body makes no closure.
 */
export class Exchange implements Applicant, Dispatcher.DispatchHandler {
  readonly context: ProxyContext
  readonly req: VisitorRequest
  readonly res: VisitorResponse
  /** A canary that fails may hand the exchange over to the stable pool. */
  pool: BackendPool
  readonly headers: RequestHeaders
  /** As the backend gets it. */
  path: string
  readonly method: string
  readonly upgrade: boolean
  readonly startedAt = performance.now()
  readonly writer: ResponseWriter
  /** Undefined: the cache has no part in it. */
  turn: CacheTurn | undefined = undefined
  /** Undefined: its route has no split. */
  split: Assignment | undefined = undefined
  /** Name, value, … of what the visitor is told of a limit. */
  limitHeaders: readonly string[] | undefined = undefined
  /** Of the gateway's own, for the visitor. */
  setCookies: string[] | undefined = undefined
  /** The region that the request came from, or the pool of those that it was handed to: it goes no further. */
  region: string | undefined = undefined
  /** Of the request's body, for another pool. */
  copy: BodyCopy | undefined = undefined
  /** What the backend gets; the cache may replace it. */
  outgoing: readonly string[]
  tried: Backend[] | undefined = undefined
  /** Undefined: its pool keeps no visitors by a cookie. */
  session: Session | undefined = undefined
  /** The visitor's side is finished, in whatever way. */
  done = false
  /** The gateway answered by itself; what a backend still says is not for the visitor. */
  settled = false
  #backend: Backend | undefined = undefined
  /** The backend of the last attempt, for the log. */
  servedBy: Backend | undefined = undefined
  attempts = 0
  #assignedAt = 0
  #controller: Controller | undefined = undefined
  #interim = 0
  /** A byte of this attempt may have reached the backend. */
  #sent = false
  #body: RequestBody | undefined = undefined
  #kept: KeptBody | undefined = undefined
  #tunnelled = false

  constructor(
    context: ProxyContext,
    req: VisitorRequest,
    res: VisitorResponse,
    pool: BackendPool,
    headers: RequestHeaders,
    path: string,
    upgrade: boolean,
  ) {
    this.context = context
    this.req = req
    this.res = res
    this.pool = pool
    this.headers = headers
    this.path = path
    this.method = req.method!
    this.upgrade = upgrade
    this.outgoing = headers.raw
    this.writer = new ResponseWriter(this)
  }

  start(): void {
    const { pool, res } = this
    pool.inFlight++
    pool.requests++
    res.exchange = this
    res.on('close', onResponseClose)
    if (pool.affinity !== undefined) this.session = pool.affinity.begin(this.req.headers.cookie)
    if (this.turn === undefined) this.forward()
    else this.turn.begin()
  }

  /** To one of the backends. */
  forward(): void {
    if (this.split?.guarding === true && this.split.unreachable(this.startedAt) && this.split.leave(this))
      return
    if (this.pool.elsewhere?.wanted(performance.now()) === true && this.#leave()) return
    if (this.pool.hints !== undefined) sendHints(this, this.pool.hints)
    this.pool.budget.deposit()
    this.pool.apply(this)
  }

  /** Hands the request, of which nothing is lost, over to another region; false when that cannot be. */
  #leave(): boolean {
    const { elsewhere } = this.pool
    if (elsewhere === undefined || this.bodyGone || !elsewhere.mayTake(this)) return false
    this.#body?.withdraw()
    return elsewhere.take(this)
  }

  get preferred(): Backend | undefined {
    return this.session?.backend
  }

  /** Something of the request's body is with a backend and nowhere else. */
  get bodyGone(): boolean {
    return this.#body?.gone === true
  }

  key(): number {
    return visitorKey(this)
  }

  assigned(backend: Backend, now: number): void {
    this.#backend = backend
    this.#assignedAt = now
    this.servedBy = backend
    this.#sent = false
    this.#interim = 0
    this.#controller = undefined
    this.attempts++
    const { headers } = this
    if (headers.hasBody) {
      const maxBytes = this.context.config.limits.bodyBytes
      const tooLarge = (): void => this.refused(gatewayErrors.BODY_TOO_LARGE({ maxBytes }))
      // A backend of HTTP/2 can say that it did not look at a request, which may then be sent again whatever it is.
      const again = isIdempotent(this.method) || backend.http2
      if (again && !this.upgrade) this.#kept ??= new KeptBody()
      this.#body = new RequestBody(this.req, maxBytes, tooLarge, this.copy, this.#kept)
    }
    const handler = this.split?.guarding === true ? new GuardedAttempt(this, backend, now) : this
    backend.connections.dispatch(dispatchOptions(this, backend, this.#body), handler)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.done || this.settled) {
      controller.abort(VISITOR_GONE)
      return
    }
    this.#sent = true
    if (this.#body !== undefined && this.req.headers.expect !== undefined) this.res.writeContinue()
  }

  onResponseStart(controller: Controller, status: number, _parsed: unknown, reason?: string): void {
    if (this.done || this.settled) return
    const raw = controller.rawHeaders as Buffer[]
    if (status < 200) {
      if (++this.#interim > MAX_INTERIM) throw new ProtocolError('it sends interim responses without end')
      this.writer.information(status, raw)
      return
    }
    this.pool.reached(this.#backend!, status, this.#assignedAt)
    if (this.turn === undefined) this.writer.head(controller, status, reason, raw)
    else this.turn.head(controller, status, reason, raw)
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.turn === undefined ? !this.done && !this.settled : this.turn.data(controller, chunk))
      this.writer.data(controller, chunk)
  }

  onResponseEnd(controller: Controller): void {
    const backend = this.#backend!
    this.#backend = undefined
    if (!this.done && !this.settled) this.writer.end(controller.rawTrailers as Buffer[] | null)
    this.turn?.end()
    this.pool.release(backend)
  }

  onRequestUpgrade(controller: Controller, status: number, _parsed: unknown, upstream: Duplex): void {
    const backend = this.#backend!
    this.#backend = undefined
    if (this.done || this.settled) {
      upstream.destroy()
      this.pool.release(backend)
      return
    }
    this.pool.reached(backend, status, this.#assignedAt)
    this.#tunnelled = true
    this.writer.status = status
    recordExchange(this)
    openTunnel(this, upstream, status, controller.rawHeaders as Buffer[], () => {
      this.done = true
      this.pool.inFlight--
      this.pool.release(backend)
    })
  }

  onResponseError(_controller: Controller | null, error: Error & { code?: string }): void {
    const backend = this.#backend
    if (backend === undefined) return
    const sent = this.#sent && !(error instanceof UnprocessedError)
    this.#backend = undefined
    const visitorGone = this.done || (this.req.destroyed && !this.req.complete)
    if (visitorGone || this.settled) {
      this.turn?.abandon()
      this.pool.release(backend)
      return
    }
    const reason = failureReason(error, sent)
    if (reason !== 'request') reportFailure(this, backend, reason, error, this.#assignedAt)
    this.pool.release(backend)
    if (this.res.headersSent) {
      this.turn?.abandon()
      this.writer.destroy()
    } else if (mayRetry(this, reason, { sent, bodyGone: this.bodyGone })) this.#retry(backend)
    else if (!isRepeatable(this, reason, { sent, bodyGone: this.bodyGone }) || !this.#leave())
      this.refused(failureAnswer(reason, error))
  }

  #retry(failed: Backend): void {
    this.pool.retries++
    this.pool.metrics.retries.add()
    this.#body?.withdraw()
    this.tried = [...(this.tried ?? []), failed]
    if (this.split?.leave(this) === true) return
    if (this.pool.elsewhere?.wanted(performance.now()) === true && this.#leave()) return
    this.pool.apply(this)
  }

  /** The canary's backend failed, and its answer is not for the visitor. */
  leaveCanary(): void {
    this.#backend = undefined
    this.#controller = undefined
    this.#body?.withdraw()
    this.split!.leave(this)
  }

  /** Answers from the cache. */
  answer(answer: HttpCacheAnswer): void {
    if (this.done || this.settled) return
    this.settled = true
    this.writer.answer(answer)
  }

  /** Answers with an error of the gateway's own, unless the cache has something better. */
  refused(error: MillraceError): void {
    if (this.done || this.settled) return
    // Nothing of a canary is up, or all of it is busy: nobody has seen the request.
    const untouched = this.attempts === 0 && error.status === 503
    if (untouched && this.split !== undefined && this.split.leave(this)) return
    if (error.status === 503 && this.pool.elsewhere !== undefined && this.#leave()) return
    if (this.turn?.rescued() === true) return
    this.settled = true
    if (this.res.headersSent) {
      this.writer.destroy()
      return
    }
    sendRefusal(this, error)
    this.#controller?.abort(VISITOR_GONE)
  }

  visitorDrained(): void {
    limitSilence(this.req, this.context.config)
    this.turn?.caughtUp()
    if (!this.done) this.#controller?.resume()
  }

  /** The response was sent, or the connection is gone. */
  visitorClosed(): void {
    if (this.done || this.#tunnelled) return
    this.done = true
    this.pool.inFlight--
    if (this.#backend !== undefined && this.writer.status === 0)
      this.pool.abandoned(this.#backend, this.#assignedAt)
    recordExchange(this)
    this.copy?.abandon()
    this.turn?.caughtUp()
    if (this.#backend === undefined) {
      this.turn?.abandon()
      return
    }
    this.writer.abandon()
    // What the backend still sends goes nowhere: end it there too, unless it is being stored.
    if (this.turn?.outlives(this.#controller) !== true) this.#controller?.abort(VISITOR_GONE)
  }
}
