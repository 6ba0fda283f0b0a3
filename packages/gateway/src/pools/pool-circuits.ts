import type { Logger } from '@millrace/core'
import type { CircuitBreaker } from '../drivers/driver.ts'
import type { Backend } from './backend.ts'
import { Circuit } from './circuit.ts'
import type { Watched } from './passive-health.ts'

const PANIC_SHARE = 0.5

/** The circuit breakers of one pool: they are told of every answer, and say who may get requests. */
export class PoolCircuits {
  readonly settings: CircuitBreaker
  readonly #pool: Watched
  readonly #logger: Logger
  readonly #backends = new Set<Backend>()
  #timer: NodeJS.Timeout | undefined
  #panic = false

  constructor(settings: CircuitBreaker, pool: Watched, logger: Logger) {
    this.settings = settings
    this.#pool = pool
    this.#logger = logger
  }

  add(backend: Backend): void {
    backend.circuit = new Circuit(this.settings)
    this.#backends.add(backend)
    this.#pool.metrics.circuit(backend.id, 'closed')
  }

  remove(backend: Backend): void {
    if (!this.#backends.delete(backend)) return
    backend.circuit = undefined
    this.#pool.metrics.forgetCircuit(backend.id)
  }

  /** An answer of that status, or none (0), after so long. */
  record(backend: Backend, status: number, latencyMs: number, now: number): void {
    const { circuit } = backend
    if (circuit === undefined) return
    const slow = this.settings.latencyMs !== undefined && latencyMs > this.settings.latencyMs
    if (circuit.record(slow || status === 0 || status >= 500, now)) this.#changed(backend, circuit, now)
  }

  /** Nobody waited for the answer: it counts when it was too slow by then. */
  abandoned(backend: Backend, afterMs: number, now: number): void {
    if (this.settings.latencyMs !== undefined && afterMs > this.settings.latencyMs)
      this.record(backend, 0, afterMs, now)
  }

  /**
   * Those of `up` that may get requests, with the weight that each has now. All of them, when more than the stated share
   * would be out: what is left could not carry the load, and the fault may well lie elsewhere (Envoy's panic threshold).
   */
  admit(up: readonly Backend[], now: number): readonly Backend[] {
    const admitted = up.filter(({ circuit }) => circuit?.state !== 'open')
    const out = up.filter(
      ({ circuit, outlier }) => circuit?.state === 'open' || outlier.isOutLong(now),
    ).length
    const { panicShare = PANIC_SHARE } = this.settings
    const panic = up.length > admitted.length && out > up.length * panicShare
    if (panic !== this.#panic) {
      this.#panic = panic
      const message = panic
        ? 'too many circuits are open: all backends get requests'
        : 'enough backends answer again: open circuits get no requests'
      this.#logger.warn({ pool: this.#pool.name, open: up.length - admitted.length, of: up.length }, message)
    }
    for (const backend of up) {
      backend.weight = backend.fullWeight * (panic ? 1 : (backend.circuit?.admitted ?? 1))
      if (panic && backend.outlier.isOutLong(now)) backend.pardon()
    }
    return panic ? up : admitted
  }

  #changed(backend: Backend, { state, admitted, nextAt }: Circuit, now: number): void {
    const { name, metrics } = this.#pool
    metrics.circuit(backend.id, state)
    metrics.circuitTransition(state)
    const report = { pool: name, backend: backend.id, state, admitted, forMs: Math.round(nextAt - now) }
    if (state === 'open') this.#logger.warn(report, 'a circuit opened: the backend gets no requests')
    else if (state === 'recovering') this.#logger.info(report, 'a circuit recovers')
    else this.#logger.info({ pool: name, backend: backend.id, state }, 'a circuit closed')
    this.#arm(now)
    this.#pool.refresh()
  }

  /** Wakes at the first thing that any of them does by itself. */
  #arm(now: number): void {
    clearTimeout(this.#timer)
    let nextAt = Infinity
    for (const { circuit } of this.#backends) nextAt = Math.min(nextAt, circuit?.nextAt ?? Infinity)
    if (nextAt === Infinity) return
    this.#timer = setTimeout(() => this.tick(performance.now()), Math.max(1, Math.ceil(nextAt - now)))
    this.#timer.unref()
  }

  tick(now: number): void {
    for (const backend of this.#backends) {
      const { circuit } = backend
      if (circuit?.tick(now) === true) this.#changed(backend, circuit, now)
    }
    this.#arm(now)
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const backend of this.#backends) this.remove(backend)
  }
}
