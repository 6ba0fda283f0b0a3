import { ExponentialHistogram } from '@millrace/core/metrics'
import { createBalancer, type Balancer } from '../balancing/balancer.ts'
import type { BalanceAlgorithm, EngineConfig } from '../config.ts'
import type { BackendEntry, PoolEntry, PoolStats } from '../drivers/driver.ts'
import { gatewayErrors } from '../errors.ts'
import { Backend } from './backend.ts'
import type { PoolMetrics } from './pool-metrics.ts'
import { RetryBudget } from './retry-budget.ts'
import type { MillraceError } from '@millrace/core'

/** A request that needs a backend. */
export interface Applicant {
  /** Backends that failed it already. */
  readonly tried: readonly Backend[] | undefined
  /** The visitor has gone: it needs none any more. */
  readonly done: boolean
  /** The backend counts it as in flight; `release` must follow. */
  assigned(backend: Backend): void
  refused(error: MillraceError): void
}

interface Waiting {
  applicant: Applicant
  deadline: number
}

/** The backends behind one name, and the requests that wait for one of them. */
export class BackendPool {
  readonly name: string
  readonly metrics: PoolMetrics
  readonly budget: RetryBudget
  readonly duration = new ExponentialHistogram()
  readonly #config: EngineConfig
  readonly #processes: number
  readonly #all = new Map<string, Backend>()
  #ready: Backend[] = []
  /** Whether its responses are for the cache, if there is one. */
  caches = true
  #balance: BalanceAlgorithm
  #balancer: Balancer
  readonly #queue: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  /** Since when no backend could be reached; undefined while one can. */
  #unreachableSince: number | undefined
  inFlight = 0
  requests = 0
  retries = 0

  constructor(entry: PoolEntry, config: EngineConfig, processes: number, metrics: PoolMetrics) {
    this.name = entry.name
    this.metrics = metrics
    this.#config = config
    this.#processes = processes
    this.#balance = entry.balance ?? config.balance
    this.#balancer = createBalancer(this.#balance)
    this.budget = new RetryBudget(performance.now())
    this.update(entry)
  }

  get backends(): ReadonlyMap<string, Backend> {
    return this.#all
  }

  /** Backends whose id and address stay keep their connections and counters; removed ones finish and close. */
  update(entry: PoolEntry): void {
    const balance = entry.balance ?? this.#config.balance
    if (balance !== this.#balance) {
      this.#balance = balance
      this.#balancer = createBalancer(balance)
    }
    this.caches = entry.cache ?? true
    const kept = new Set<string>()
    for (const backend of entry.backends) {
      kept.add(backend.id)
      const known = this.#all.get(backend.id)
      if (known !== undefined && sameAddress(known, backend)) {
        known.state = backend.state ?? 'up'
        known.weight = backend.weight ?? 1
      } else {
        if (known !== undefined) this.#remove(known)
        this.#all.set(backend.id, new Backend(backend, this.#config, this.#processes))
      }
    }
    for (const backend of this.#all.values()) if (!kept.has(backend.id)) this.#remove(backend)
    this.refresh()
  }

  /** Recomputes who may get requests, and lets waiting ones go. */
  refresh(): void {
    this.#ready = [...this.#all.values()].filter((backend) => backend.ready)
    if (this.#ready.length === 0) this.#unreachableSince ??= performance.now()
    else this.#unreachableSince = undefined
    this.#pump()
  }

  /** Gives the applicant a backend at once, or lets it wait, or refuses it with 503. */
  apply(applicant: Applicant): void {
    const now = performance.now()
    const backend = this.#queue.length === 0 ? this.#choose(applicant, now) : undefined
    if (backend === undefined) this.#wait(applicant, now)
    else this.#assign(applicant, backend)
  }

  /** One that has not failed this request yet, or else one that may have by now recovered from it. */
  #choose(applicant: Applicant, now: number): Backend | undefined {
    const { tried } = applicant
    const fresh = this.#balancer.pick(this.#ready, now, tried)
    return fresh ?? (tried === undefined ? undefined : this.#balancer.pick(this.#ready, now))
  }

  #assign(applicant: Applicant, backend: Backend): void {
    backend.inFlight++
    backend.requests++
    applicant.assigned(backend)
  }

  release(backend: Backend): void {
    backend.release()
    if (this.#queue.length > 0) this.#pump()
  }

  /** The backend answered. */
  reached(backend: Backend): void {
    if (backend.ejectedUntil !== 0) backend.succeeded()
    this.#unreachableSince = undefined
  }

  /** A connection to the backend could not be made. */
  unreachable(backend: Backend): void {
    const now = performance.now()
    backend.eject(now)
    if (!this.#ready.some((other) => now >= other.ejectedUntil)) this.#unreachableSince ??= now
  }

  #wait(applicant: Applicant, now: number): void {
    const { limits, timeouts } = this.#config
    const down = this.#unreachableSince !== undefined
    // Nobody is made to wait for what has not come back in the time anyone would wait.
    if (down && now - this.#unreachableSince! > timeouts.queueMs) {
      applicant.refused(gatewayErrors.UNAVAILABLE({ retryAfterSeconds: retryAfter(timeouts.queueMs) }))
    } else if (this.#queue.length >= limits.queue && !this.#forgetThoseWhoLeft()) {
      applicant.refused(gatewayErrors.OVERLOADED({ retryAfterSeconds: retryAfter(timeouts.queueMs) }))
    } else {
      this.#queue.push({ applicant, deadline: now + timeouts.queueMs })
      this.#arm(now)
    }
  }

  /** Whether that made room. Looked at only when there is none, so that leaving costs nothing. */
  #forgetThoseWhoLeft(): boolean {
    const present = this.#queue.filter(({ applicant }) => !applicant.done)
    const gone = this.#queue.length - present.length
    if (gone > 0) this.#queue.splice(0, this.#queue.length, ...present)
    return gone > 0
  }

  #pump(): void {
    const now = performance.now()
    while (this.#queue.length > 0) {
      const { applicant, deadline } = this.#queue[0]!
      if (applicant.done) {
        this.#queue.shift()
        continue
      }
      const backend = this.#choose(applicant, now)
      if (backend !== undefined) {
        this.#queue.shift()
        this.#assign(applicant, backend)
      } else if (now >= deadline) {
        this.#queue.shift()
        const retryAfterSeconds = retryAfter(this.#config.timeouts.queueMs)
        const down = this.#unreachableSince !== undefined
        applicant.refused(gatewayErrors[down ? 'UNAVAILABLE' : 'OVERLOADED']({ retryAfterSeconds }))
      } else {
        break
      }
    }
    this.#arm(now)
  }

  /** Wakes at the first deadline or return of a backend; a freed place wakes it sooner. */
  #arm(now: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const head = this.#queue[0]
    if (head === undefined) return
    let wakeAt = head.deadline
    for (const { ejectedUntil } of this.#ready) {
      if (ejectedUntil > now && ejectedUntil < wakeAt) wakeAt = ejectedUntil
    }
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, wakeAt - now))
  }

  #remove(backend: Backend): void {
    backend.removed = true
    this.#all.delete(backend.id)
    void backend
      .idle(this.#config.timeouts.tunnelIdleMs)
      .then(() => backend.connections.destroy())
      .catch(() => undefined)
  }

  /** Refuses everyone who waits and cuts all connections. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    for (const { applicant } of this.#queue.splice(0)) {
      if (!applicant.done) applicant.refused(gatewayErrors.UNAVAILABLE({ retryAfterSeconds: 1 }))
    }
    await Promise.all([...this.#all.values()].map((backend) => backend.connections.destroy()))
  }

  stats(): PoolStats {
    const now = performance.now()
    return {
      name: this.name,
      balance: this.#balance,
      inFlight: this.inFlight,
      queued: this.#queue.length,
      requests: this.requests,
      retries: this.retries,
      duration: this.duration.snapshot(),
      backends: [...this.#all.values()].map((backend) => backend.stats(now)),
    }
  }
}

const retryAfter = (queueMs: number): number => Math.max(1, Math.ceil(queueMs / 1_000))

function sameAddress(backend: Backend, entry: BackendEntry): boolean {
  return (
    backend.host === entry.host &&
    backend.port === entry.port &&
    backend.protocol === (entry.protocol ?? 'http')
  )
}
