import type { Logger } from '@millrace/core'
import { isDeepStrictEqual } from 'node:util'
import { Circuit } from '../../pools/circuit.ts'
import { CONNECTIONS_ONLY, Outlier } from '../../pools/outlier.ts'
import type { PoolMetrics } from '../../pools/pool-metrics.ts'
import type { BackendEntry, CircuitState, GatewayTable, PoolEntry } from '../driver.ts'
import { poolSection, serverName } from './quote.ts'
import type { Traffic } from './traffic.ts'

const PANIC_SHARE = 0.5

interface Watched {
  pool: PoolEntry
  circuit: Circuit | undefined
  outlier: Outlier
  /** Totals when it was looked at last. */
  seen: { good: number; bad: number }
  /** Whether HAProxy is told to leave it out. */
  out: boolean
}

const watches = ({ breaker, outlier }: PoolEntry): boolean => breaker !== undefined || outlier !== undefined

/**
 * Circuit breakers and outlier detection by HAProxy's counters: how many answers each backend gave and failed since the last look.
 * The decisions are those of the engine `node` (src/pools); HAProxy gets a table in which backends that are out are down, and those
 * that recover have a part of their weight.
 */
export class PassiveWatch {
  readonly #logger: Logger
  readonly #metrics: (pool: string) => PoolMetrics
  #backends = new Map<string, Watched>()

  constructor(logger: Logger, metrics: (pool: string) => PoolMetrics) {
    this.#logger = logger
    this.#metrics = metrics
  }

  get active(): boolean {
    return this.#backends.size > 0
  }

  update({ pools }: GatewayTable, traffic: Traffic): void {
    const before = this.#backends
    this.#backends = new Map()
    for (const pool of pools.filter(watches)) {
      for (const { id } of pool.backends) {
        const known = before.get(id)
        const same = known?.pool.name === pool.name ? known : undefined
        const kept = same !== undefined && isDeepStrictEqual(same.pool.breaker, pool.breaker)
        const seen = traffic.answers(poolSection(pool.name), serverName(id))
        const outlier = same?.outlier ?? new Outlier(CONNECTIONS_ONLY)
        outlier.settings = pool.outlier ?? CONNECTIONS_ONLY
        const circuit = kept ? same.circuit : pool.breaker && new Circuit(pool.breaker)
        this.#backends.set(id, { seen, out: false, ...same, pool, circuit, outlier })
        if (circuit !== undefined) this.#metrics(pool.name).circuit(id, circuit.state)
        before.delete(id)
      }
    }
    for (const [id, { pool, circuit }] of before)
      if (circuit !== undefined) this.#metrics(pool.name).forgetCircuit(id)
  }

  /** What was answered since the last look. True: HAProxy is to be told something. `now` is monotonic. */
  look(traffic: Traffic, now: number): boolean {
    let changed = false
    for (const [id, watched] of this.#backends) {
      const answers = traffic.answers(poolSection(watched.pool.name), serverName(id))
      const { seen } = watched
      watched.seen = answers
      const [good, bad] = [answers.good - seen.good, answers.bad - seen.bad]
      if (good > 0 || bad > 0) changed = this.#count(id, watched, good, bad, now) || changed
      const { circuit } = watched
      if (circuit?.tick(now) === true) {
        this.#say(id, watched, circuit, now)
        changed = true
      }
      const out = watched.outlier.isOutLong(now)
      if (out !== watched.out) changed = true
      watched.out = out
    }
    return changed
  }

  #count(id: string, watched: Watched, good: number, bad: number, now: number): boolean {
    const { circuit, outlier, pool } = watched
    let changed = false
    if (circuit !== undefined) {
      for (let i = 0; i < good; i++) circuit.record(false, now)
      for (let i = 0; i < bad; i++) changed = circuit.record(true, now) || changed
      if (changed) this.#say(id, watched, circuit, now)
    }
    // In which order they came the counters do not say: failures in a row are those with nothing between them.
    if (good > 0) outlier.answered(now)
    const inARow = good > 0 ? 0 : bad
    for (let i = 0; i < inARow; i++) {
      if (outlier.failed(false) !== 'long' || outlier.isOut(now) || !this.#mayEject(pool, id, now)) continue
      outlier.eject(now, 'long')
      this.#metrics(pool.name).ejection('status')
      const forMs = Math.round(outlier.ejectedUntil - now)
      this.#logger.warn(
        { pool: pool.name, backend: id, forMs },
        'a backend failed several requests in a row and is left out',
      )
    }
    return changed
  }

  #mayEject(pool: PoolEntry, id: string, now: number): boolean {
    const up = pool.backends.filter(({ state = 'up' }) => state === 'up')
    const out = up.filter((other) => other.id !== id && this.#isOut(other.id, now)).length
    return out + 1 <= Math.max(1, Math.floor(up.length * (pool.outlier?.maxEjectedShare ?? 1)))
  }

  #isOut(id: string, now: number): boolean {
    const watched = this.#backends.get(id)
    return watched !== undefined && (watched.circuit?.state === 'open' || watched.outlier.isOutLong(now))
  }

  #say(id: string, { pool }: Watched, { state, admitted, nextAt }: Circuit, now: number): void {
    const metrics = this.#metrics(pool.name)
    metrics.circuit(id, state)
    metrics.circuitTransition(state)
    const report = { pool: pool.name, backend: id, state, admitted, forMs: Math.round(nextAt - now) }
    this.#logger[state === 'open' ? 'warn' : 'info'](report, `a circuit is ${state}`)
  }

  /** The table for HAProxy. */
  effective(table: GatewayTable, now: number): GatewayTable {
    if (!this.active) return table
    return { ...table, pools: table.pools.map((pool) => (watches(pool) ? this.#admit(pool, now) : pool)) }
  }

  /** All of a pool, when more than the stated share would be out (Envoy's panic threshold). */
  #admit(pool: PoolEntry, now: number): PoolEntry {
    const up = pool.backends.filter(({ state = 'up' }) => state === 'up')
    const out = up.filter(({ id }) => this.#isOut(id, now)).length
    if (pool.breaker !== undefined && out > up.length * (pool.breaker.panicShare ?? PANIC_SHARE)) return pool
    const backends = pool.backends.map((backend): BackendEntry => {
      if ((backend.state ?? 'up') !== 'up') return backend
      if (this.#isOut(backend.id, now)) return { ...backend, state: 'down' }
      const share = this.#backends.get(backend.id)?.circuit?.admitted ?? 1
      return share === 1 ? backend : { ...backend, weight: (backend.weight ?? 1) * share }
    })
    return { ...pool, backends }
  }

  /** Of one backend; undefined: nobody watches it. */
  state(
    table: GatewayTable,
    id: string,
    now: number,
  ): { out: boolean; ejected: boolean; circuit: CircuitState; admitted: number } | undefined {
    const watched = this.#backends.get(id)
    if (watched === undefined) return undefined
    const pool = table.pools.find(({ name }) => name === watched.pool.name)
    const admitted = pool && this.#admit(pool, now).backends.find((backend) => backend.id === id)
    const out = this.#isOut(id, now)
    const panic = out && admitted?.state !== 'down'
    return {
      out,
      ejected: watched.outlier.isOutLong(now),
      circuit: watched.circuit?.state ?? 'closed',
      admitted: panic ? 1 : out ? 0 : (watched.circuit?.admitted ?? 1),
    }
  }
}
