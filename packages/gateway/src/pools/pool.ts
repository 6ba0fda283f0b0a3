import { ExponentialHistogram } from '@millrace/core/metrics'
import { isDeepStrictEqual } from 'node:util'
import { Affinity } from '../affinity/affinity.ts'
import { createBalancer, type Balancer } from '../balancing/balancer.ts'
import type { BalanceAlgorithm, EngineConfig } from '../config.ts'
import type { BackendEntry, PoolEntry, PoolStats } from '../drivers/driver.ts'
import type { Logger } from '@millrace/core'
import type { FailureReason } from '../proxy/upstream-error.ts'
import type { Elsewhere } from '../regions/elsewhere.ts'
import { Backend } from './backend.ts'
import { Gcra } from './gcra.ts'
import { PassiveHealth } from './passive-health.ts'
import { HintMemory } from '../early-hints/hint-memory.ts'
import type { PoolMetrics } from './pool-metrics.ts'
import { RetryBudget } from './retry-budget.ts'
import { WaitingLine, type Applicant, type Provider } from './waiting-line.ts'

/** The backends behind one name, and the requests that wait for one of them. */
export class BackendPool implements Provider {
  readonly name: string
  readonly metrics: PoolMetrics
  readonly budget: RetryBudget
  readonly duration = new ExponentialHistogram()
  readonly #config: EngineConfig
  readonly #processes: number
  readonly #health: PassiveHealth
  readonly #all = new Map<string, Backend>()
  /** Replaced, never changed, and only when it is another. */
  ready: readonly Backend[] = []
  /** Whether its responses are for the cache, if there is one. */
  caches = true
  /** Undefined: its pages' hints are not remembered. */
  hints: HintMemory | undefined = undefined
  /** Undefined: visitors are not kept by a cookie. */
  affinity: Affinity | undefined = undefined
  /** Where its requests go when it cannot answer; undefined: nowhere. */
  elsewhere: Elsewhere | undefined = undefined
  #balance: BalanceAlgorithm
  #balancer: Balancer
  #rate: Gcra | undefined = undefined
  /** Its backends are spoken to in HTTP/2. */
  #http2 = false
  readonly #waiting: WaitingLine
  inFlight = 0
  requests = 0
  retries = 0

  constructor(
    entry: PoolEntry,
    config: EngineConfig,
    processes: number,
    metrics: PoolMetrics,
    logger: Logger,
  ) {
    this.name = entry.name
    this.metrics = metrics
    this.#config = config
    this.#processes = processes
    this.#health = new PassiveHealth(this, logger)
    this.#waiting = new WaitingLine(this, config.limits.queue, config.timeouts.queueMs)
    this.#balance = algorithmOf(entry, config)
    this.#balancer = createBalancer(this.#balance)
    this.budget = new RetryBudget(performance.now())
    this.update(entry)
  }

  get backends(): ReadonlyMap<string, Backend> {
    return this.#all
  }

  /** Backends whose id and address stay keep their connections and counters; removed ones finish and close. */
  update(entry: PoolEntry): void {
    this.#configure(entry)
    const http2 = entry.protocol === 'http2'
    const sameProtocol = http2 === this.#http2
    this.#http2 = http2
    const kept = new Set<string>()
    for (const backend of entry.backends) {
      kept.add(backend.id)
      const known = this.#all.get(backend.id)
      if (known !== undefined && sameProtocol && sameBackend(known, backend, this.#limitOf(backend))) {
        known.state = backend.state ?? 'up'
        known.fullWeight = backend.weight ?? 1
      } else {
        if (known !== undefined) this.#remove(known)
        this.#add(new Backend(backend, this.#limitOf(backend), this.#config, this.#http2))
      }
    }
    for (const backend of this.#all.values()) if (!kept.has(backend.id)) this.#remove(backend)
    this.affinity?.refresh()
    this.refresh()
  }

  #limitOf({ maxConnections = this.#config.limits.backendConnections }: BackendEntry): number {
    return Math.max(1, Math.floor(maxConnections / this.#processes))
  }

  #configure(entry: PoolEntry): void {
    const balance = algorithmOf(entry, this.#config)
    if (balance !== this.#balance) {
      this.#balance = balance
      this.#balancer = createBalancer(balance)
    }
    this.caches = entry.cache ?? true
    this.hints = entry.earlyHints === true ? (this.hints ?? new HintMemory()) : undefined
    const { sticky } = entry
    if (sticky?.kind !== 'cookie') this.affinity = undefined
    else if (!isDeepStrictEqual(sticky, this.affinity?.settings)) this.affinity = new Affinity(sticky, this)
    const { rateLimit } = entry
    this.#rate =
      rateLimit && new Gcra(rateLimit.perSecond / this.#processes, rateLimit.burst / this.#processes)
    if (this.#rate === undefined) for (const backend of this.#all.values()) backend.discharge()
    this.#health.configure(entry, balance === 'least-response-time')
  }

  /** Recomputes who may get requests, and lets waiting ones go. */
  refresh(): void {
    const now = performance.now()
    const up = [...this.#all.values()].filter((backend) => backend.ready)
    const weights = up.map(({ weight }) => weight)
    const ready = this.#health.admit(up, now)
    const reweighted = up.some(({ weight }, at) => weight !== weights[at])
    const same =
      ready.length === this.ready.length && ready.every((backend, at) => backend === this.ready[at])
    if (!same || reweighted) this.ready = ready
    if (this.ready.length === 0) this.#waiting.unreachableSince ??= now
    else this.#waiting.unreachableSince = undefined
    this.#waiting.pump()
  }

  /** Gives the applicant a backend at once, or lets it wait, or refuses it with 503. */
  apply(applicant: Applicant): void {
    const now = performance.now()
    const backend = this.#waiting.length === 0 ? this.choose(applicant, now) : undefined
    if (backend === undefined) this.#waiting.join(applicant, now)
    else this.assign(applicant, backend, now)
  }

  /** One that has not failed this request yet, or else one that may have by now recovered from it. */
  choose(applicant: Applicant, now: number): Backend | undefined {
    const { tried, preferred } = applicant
    if (
      preferred !== undefined &&
      tried === undefined &&
      this.admits(preferred) &&
      preferred.available(now)
    ) {
      return preferred
    }
    const key = this.#balancer.keyed ? applicant.key() : 0
    const fresh = this.#balancer.pick(this.ready, now, tried, key)
    return fresh ?? (tried === undefined ? undefined : this.#balancer.pick(this.ready, now, undefined, key))
  }

  /** Whether a session may stay with it, when it is not full. */
  admits(backend: Backend): boolean {
    return backend.ready && backend.weight > 0 && this.#all.get(backend.id) === backend
  }

  assign(applicant: Applicant, backend: Backend, now: number): void {
    backend.inFlight++
    backend.requests++
    if (this.#rate !== undefined) backend.charge(this.#rate, now)
    applicant.assigned(backend, now)
  }

  release(backend: Backend): void {
    backend.release()
    if (this.#waiting.length > 0) this.#waiting.pump()
  }

  /** The backend began to answer what it was assigned at `since`. */
  reached(backend: Backend, status: number, since: number): void {
    this.#health.reached(backend, status, since)
    this.#waiting.unreachableSince = undefined
  }

  /** The backend did not answer, or not to the end, what it was assigned at `since`. */
  failed(backend: Backend, reason: FailureReason, since: number): void {
    const now = performance.now()
    this.#health.failed(backend, reason, since, now)
    if (reason !== 'connect') return
    if (!this.ready.some(({ outlier }) => !outlier.isOut(now))) this.#waiting.unreachableSince ??= now
  }

  /** The visitor left before the backend began to answer what it was assigned at `since`. */
  abandoned(backend: Backend, since: number): void {
    this.#health.abandoned(backend, since)
  }

  #add(backend: Backend): void {
    this.#all.set(backend.id, backend)
    this.#health.add(backend)
  }

  #remove(backend: Backend): void {
    backend.removed = true
    this.#all.delete(backend.id)
    this.#health.remove(backend)
    void backend
      .idle(this.#config.timeouts.tunnelIdleMs)
      .then(() => backend.connections.destroy())
      .catch(() => undefined)
  }

  /** Refuses everyone who waits and cuts all connections. */
  async close(): Promise<void> {
    this.#health.close()
    this.#waiting.close()
    await Promise.all([...this.#all.values()].map((backend) => backend.connections.destroy()))
  }

  /** Requests that wait for a backend. */
  get queued(): number {
    return this.#waiting.length
  }

  stats(): PoolStats {
    const now = performance.now()
    return {
      name: this.name,
      balance: this.#balance,
      inFlight: this.inFlight,
      queued: this.#waiting.length,
      requests: this.requests,
      retries: this.retries,
      duration: this.duration.snapshot(),
      backends: [...this.#all.values()].map((backend) => backend.stats(now)),
    }
  }
}

const algorithmOf = (entry: PoolEntry, config: EngineConfig): BalanceAlgorithm =>
  entry.sticky?.kind === 'ip' ? 'ip-hash' : (entry.balance ?? config.balance)

function sameBackend(backend: Backend, entry: BackendEntry, maxInFlight: number): boolean {
  return (
    backend.host === entry.host &&
    backend.port === entry.port &&
    backend.protocol === (entry.protocol ?? 'http') &&
    backend.maxInFlight === maxInFlight
  )
}
