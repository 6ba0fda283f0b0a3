import type { Dispatcher } from 'undici'
import type { HttpCacheFetch } from '@millrace/core'
import { hashText } from '../balancing/hash.ts'
import type { Backend } from '../pools/backend.ts'
import type { BackendPool } from '../pools/pool.ts'
import type { Applicant } from '../pools/waiting-line.ts'
import { failureReason } from '../proxy/upstream-error.ts'
import type { Caching } from './caching.ts'

type Controller = Dispatcher.DispatchController

/** Of an answer that nobody wants, so many bytes are read to keep the connection. */
const UNSEEN_BYTES = 65_536
const NOT_WANTED = new Error('nobody wants the rest of the answer')

/** A request of the cache's own: it renews what was answered stale. One attempt; the next visitor asks again. */
export class Renewal implements Applicant, Dispatcher.DispatchHandler {
  readonly tried = undefined
  readonly preferred = undefined
  readonly #caching: Caching
  readonly #pool: BackendPool
  readonly #fetch: HttpCacheFetch
  readonly #path: string
  #backend: Backend | undefined = undefined
  #controller: Controller | undefined = undefined
  #timer: NodeJS.Timeout | undefined = undefined
  #assignedAt = 0
  #sent = false
  #recording = false
  #unseen = 0
  #over = false

  constructor(caching: Caching, pool: BackendPool, fetch: HttpCacheFetch, path: string) {
    this.#caching = caching
    this.#pool = pool
    this.#fetch = fetch
    this.#path = path
  }

  get done(): boolean {
    return this.#over
  }

  start(): void {
    this.#timer = setTimeout(() => this.#expire(), this.#caching.config.renewalMs)
    this.#timer.unref()
    this.#pool.apply(this)
  }

  #expire(): void {
    if (this.#controller === undefined) this.#finish(false)
    else this.#controller.abort(NOT_WANTED)
  }

  #finish(complete: boolean): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#caching.unattendedEnded()
    this.#caching.safely(() => (complete ? this.#fetch.end() : void this.#fetch.fail()))
  }

  /** It belongs to no visitor. */
  key(): number {
    return hashText(this.#path)
  }

  assigned(backend: Backend, now: number): void {
    if (this.#over) {
      // Its time was over while it waited for a backend.
      this.#pool.release(backend)
      return
    }
    this.#backend = backend
    this.#assignedAt = now
    backend.connections.dispatch(
      {
        path: this.#path,
        method: 'GET',
        headers: this.#fetch.rawHeaders as string[],
        body: null,
        servername: backend.host,
      } as Dispatcher.DispatchOptions,
      this,
    )
  }

  refused(): void {
    this.#finish(false)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    this.#sent = true
    if (this.#over) controller.abort(NOT_WANTED)
  }

  onResponseStart(controller: Controller, status: number): void {
    if (status < 200 || this.#over) return
    this.#pool.reached(this.#backend!, status, this.#assignedAt)
    const received = (controller.rawHeaders as Buffer[]).map((text) => text.toString('latin1'))
    const decision = this.#caching.safely(() => this.#fetch.responded(status, received))
    this.#recording = decision?.kind === 'record'
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#recording) {
      this.#recording = this.#caching.safely(() => this.#fetch.write(chunk)) === true
      if (this.#recording) return
    }
    this.#unseen += chunk.length
    if (this.#unseen > UNSEEN_BYTES) controller.abort(NOT_WANTED)
  }

  onResponseEnd(): void {
    this.#finish(true)
    this.#release()
  }

  onResponseError(_controller: Controller | null, error: Error & { code?: string }): void {
    const backend = this.#backend
    if (backend !== undefined && !this.#over && error !== NOT_WANTED) {
      const reason = failureReason(error, this.#sent)
      if (reason !== 'exhausted' && reason !== 'request') this.#pool.failed(backend, reason, this.#assignedAt)
      this.#pool.metrics.upstreamError(reason)
      backend.failed(performance.now())
    }
    this.#finish(false)
    this.#release()
  }

  #release(): void {
    const backend = this.#backend
    this.#backend = undefined
    if (backend !== undefined) this.#pool.release(backend)
  }
}
