import { isDeepStrictEqual } from 'node:util'
import type { Logger } from '@millrace/core'
import type { PoolEntry } from '../drivers/driver.ts'
import type { FailureReason } from '../proxy/upstream-error.ts'
import type { Backend } from './backend.ts'
import { CONNECTIONS_ONLY } from './outlier.ts'
import { PoolCircuits } from './pool-circuits.ts'
import type { PoolMetrics } from './pool-metrics.ts'

/** What a request that failed counts as at least, in milliseconds: what fails at once is not fast. */
const FAILED_MS = 1_000

/** The pool that it watches. */
export interface Watched {
  readonly name: string
  readonly metrics: PoolMetrics
  readonly backends: ReadonlyMap<string, Backend>
  refresh(): void
}

/** What a pool learns of its backends from their answers: latency, outlier detection, circuit breaker. */
export class PassiveHealth {
  readonly #pool: Watched
  readonly #logger: Logger
  #circuits: PoolCircuits | undefined = undefined
  #outlier = CONNECTIONS_ONLY
  /** Whether answers are looked at. */
  #observed = false

  constructor(pool: Watched, logger: Logger) {
    this.#pool = pool
    this.#logger = logger
  }

  /** `latency`: whether the balancer wants to know it. */
  configure({ breaker, outlier = CONNECTIONS_ONLY }: PoolEntry, latency: boolean): void {
    const { backends } = this.#pool
    this.#outlier = outlier
    for (const backend of backends.values()) backend.outlier.settings = outlier
    if (!isDeepStrictEqual(breaker, this.#circuits?.settings)) {
      this.#circuits?.close()
      this.#circuits = breaker && new PoolCircuits(breaker, this.#pool, this.#logger)
      for (const backend of backends.values()) this.#circuits?.add(backend)
    }
    this.#observed = breaker !== undefined || latency || outlier.serverErrors === true
  }

  add(backend: Backend): void {
    backend.outlier.settings = this.#outlier
    this.#circuits?.add(backend)
  }

  remove(backend: Backend): void {
    this.#circuits?.remove(backend)
  }

  /** Those of `up` that may get requests; sets the weight that each has now. */
  admit(up: readonly Backend[], now: number): readonly Backend[] {
    if (this.#circuits !== undefined) return this.#circuits.admit(up, now)
    for (const backend of up) backend.weight = backend.fullWeight
    return up
  }

  /** The backend began to answer what it was assigned at `since`. */
  reached(backend: Backend, status: number, since: number): void {
    if (this.#observed) this.#observe(backend, status, since)
    else if (backend.outlier.troubled) backend.answered(performance.now())
  }

  #observe(backend: Backend, status: number, since: number): void {
    const now = performance.now()
    backend.measured(now - since, now)
    if (status >= 500 && this.#outlier.serverErrors === true) this.#count(backend, 'status', now)
    else if (backend.outlier.troubled) backend.answered(now)
    this.#circuits?.record(backend, status, now - since, now)
  }

  /** The backend did not answer, or not to the end, what it was assigned at `since`. */
  failed(backend: Backend, reason: FailureReason, since: number, now: number): void {
    this.#count(backend, reason, now)
    if (!this.#observed) return
    backend.measured(Math.max(now - since, FAILED_MS), now)
    this.#circuits?.record(backend, 0, now - since, now)
  }

  /** A visitor who does not wait says nothing about a backend, unless it was slow already by then. */
  abandoned(backend: Backend, since: number): void {
    if (!this.#observed) return
    const now = performance.now()
    if (now - since > backend.latency(now)) backend.measured(now - since, now)
    this.#circuits?.abandoned(backend, now - since, now)
  }

  #count(backend: Backend, reason: FailureReason | 'status', now: number): void {
    const how = backend.outlier.failed(reason === 'connect')
    if (how === undefined || (how === 'long' && !this.#mayEject(backend, now))) return
    backend.eject(now, how)
    this.#pool.metrics.ejection(reason)
    if (how === 'briefly') return
    const forMs = Math.round(backend.outlier.ejectedUntil - now)
    const report = { pool: this.#pool.name, backend: backend.id, reason, forMs }
    this.#logger.warn(report, 'a backend failed several requests in a row and is left out')
  }

  /** One always may; more only up to the stated share of those that are up, circuits that are open included. */
  #mayEject(backend: Backend, now: number): boolean {
    const { maxEjectedShare } = this.#outlier
    if (maxEjectedShare >= 1) return true
    let up = 0
    let out = 0
    for (const other of this.#pool.backends.values()) {
      if (!other.ready) continue
      up++
      if (other !== backend && (other.outlier.isOutLong(now) || other.circuit?.state === 'open')) out++
    }
    return out + 1 <= Math.max(1, Math.floor(up * maxEjectedShare))
  }

  close(): void {
    this.#circuits?.close()
  }
}
