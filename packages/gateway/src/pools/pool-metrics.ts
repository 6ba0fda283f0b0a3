import type { HttpCacheStatus } from '@millrace/core'
import type { BoundCounter, BoundHistogram, Instruments } from '@millrace/core/metrics'
import type { CircuitState } from '../drivers/driver.ts'
import type { gatewayMetrics } from '../metrics.ts'

export type GatewayInstruments = Instruments<typeof gatewayMetrics>

const METHODS = new Set(['OTHER', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])

const CIRCUIT_STATES: Readonly<Record<CircuitState, number>> = { closed: 0, recovering: 1, open: 2 }

/** The instruments of one pool, bound once, so that recording a request is a look-up by number and an addition. */
export class PoolMetrics {
  readonly retries: BoundCounter
  readonly responseBytes: BoundCounter
  readonly cacheResponseBytes: BoundCounter
  readonly cacheRenewals: BoundCounter
  readonly #pool: string
  readonly #instruments: GatewayInstruments
  readonly #cacheRequests = new Map<HttpCacheStatus, BoundCounter>()
  readonly #durations = new Map<string, Map<number, BoundHistogram>>()

  constructor(pool: string, instruments: GatewayInstruments) {
    this.#pool = pool
    this.#instruments = instruments
    this.retries = instruments.retries.with({ pool })
    this.responseBytes = instruments.response.with({ pool })
    this.cacheRenewals = instruments.cacheRenewals.with({ pool })
    this.cacheResponseBytes = instruments.cacheResponse.with({ pool })
  }

  /** Methods that are none of the usual ones share the label `other`: visitors choose them. */
  duration(method: string, status: number): BoundHistogram {
    let byStatus = this.#durations.get(method)
    if (byStatus === undefined) {
      if (!METHODS.has(method)) return this.duration('OTHER', status)
      byStatus = new Map()
      this.#durations.set(method, byStatus)
    }
    const known = byStatus.get(status)
    if (known !== undefined) return known
    const bound = this.#instruments.requestDuration.with({
      pool: this.#pool,
      method: method === 'OTHER' ? 'other' : method,
      status: String(status),
    })
    byStatus.set(status, bound)
    return bound
  }

  cacheRequests(status: HttpCacheStatus): BoundCounter {
    let bound = this.#cacheRequests.get(status)
    if (bound === undefined) {
      bound = this.#instruments.cacheRequests.with({ pool: this.#pool, status })
      this.#cacheRequests.set(status, bound)
    }
    return bound
  }

  upstreamError(reason: string): void {
    this.#instruments.upstreamErrors.with({ pool: this.#pool, reason }).add()
  }

  circuit(backend: string, state: CircuitState): void {
    this.#instruments.circuitState.with({ pool: this.#pool, backend }).set(CIRCUIT_STATES[state])
  }

  circuitTransition(to: CircuitState): void {
    this.#instruments.circuitTransitions.with({ pool: this.#pool, to }).add()
  }

  forgetCircuit(backend: string): void {
    this.#instruments.circuitState.remove({ pool: this.#pool, backend })
  }

  ejection(reason: string): void {
    this.#instruments.ejections.with({ pool: this.#pool, reason }).add()
  }

  rateLimited(): void {
    this.#instruments.rateLimited.with({ pool: this.#pool }).add()
  }
}
