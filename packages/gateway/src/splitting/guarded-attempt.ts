import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Backend } from '../pools/backend.ts'
import type { BackendPool } from '../pools/pool.ts'
import type { Exchange } from '../proxy/exchange.ts'
import { isIdempotent } from '../proxy/retry-policy.ts'

type Controller = Dispatcher.DispatchController

/** What another version of the application may do better. */
const FAILED: ReadonlySet<number> = new Set([500, 502, 503, 504])
/** Of the answer that nobody sees, so much is read to keep the connection. */
const UNSEEN_BYTES = 65_536
const NOT_WANTED = new Error('the stable part answers instead')

/**
 * A request at a canary's backend. An error of it is not passed on when the stable part can be asked instead: the
 * request is idempotent and its body can be sent again. Otherwise everything passes through. No retry budget is needed: the
 * stable part gets no more than it would without a canary.
 */
export class GuardedAttempt implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange
  readonly #backend: Backend
  readonly #pool: BackendPool
  readonly #since: number
  #detached = false
  #unseen = 0

  constructor(exchange: Exchange, backend: Backend, since: number) {
    this.#exchange = exchange
    this.#since = since
    this.#backend = backend
    this.#pool = exchange.pool
  }

  onRequestStart(controller: Controller): void {
    this.#exchange.onRequestStart(controller)
  }

  onResponseStart(
    controller: Controller,
    status: number,
    parsed: Record<string, string | string[]>,
    reason?: string,
  ): void {
    if (!FAILED.has(status) || !this.#mayLeave()) {
      this.#exchange.onResponseStart(controller, status, parsed, reason)
      return
    }
    this.#detached = true
    this.#pool.reached(this.#backend, status, this.#since)
    this.#exchange.leaveCanary()
  }

  #mayLeave(): boolean {
    const { method, upgrade, bodyGone, done, settled, split } = this.#exchange
    if (split?.guarding !== true || done || settled || upgrade || bodyGone) return false
    return isIdempotent(method)
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.#detached) {
      this.#exchange.onResponseData(controller, chunk)
      return
    }
    this.#unseen += chunk.length
    if (this.#unseen > UNSEEN_BYTES) controller.abort(NOT_WANTED)
  }

  onResponseEnd(controller: Controller): void {
    if (this.#detached) this.#pool.release(this.#backend)
    else this.#exchange.onResponseEnd(controller)
  }

  onRequestUpgrade(
    controller: Controller,
    status: number,
    parsed: Record<string, string | string[]>,
    upstream: Duplex,
  ): void {
    this.#exchange.onRequestUpgrade(controller, status, parsed, upstream)
  }

  onResponseError(controller: Controller, error: Error): void {
    if (this.#detached) this.#pool.release(this.#backend)
    else this.#exchange.onResponseError(controller, error)
  }
}
