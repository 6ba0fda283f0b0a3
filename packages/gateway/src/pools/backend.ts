import { Pool } from 'undici'
import { Http2Connections } from '../backends/http2-connections.ts'
import type { Candidate } from '../balancing/balancer.ts'
import { PeakEwma } from '../balancing/peak-ewma.ts'
import type { EngineConfig } from '../config.ts'
import type { BackendEntry, BackendState, BackendStats } from '../drivers/driver.ts'
import { WireConnections } from '../wire/wire-connections.ts'
import type { BackendConnections } from './backend-connections.ts'
import type { Circuit } from './circuit.ts'
import type { Gcra } from './gcra.ts'
import { CONNECTIONS_ONLY, Outlier, type Ejection } from './outlier.ts'

/** A failing backend writes one line of log in this time, however many requests it fails. */
const REPORT_MS = 10_000

/** One backend as this process sees it: its connections, and what is known of it from its own traffic. */
export class Backend implements Candidate {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly protocol: 'http' | 'https'
  /** Spoken to in HTTP/2. */
  readonly http2: boolean
  readonly connections: BackendConnections
  readonly maxInFlight: number
  /** As configured. */
  fullWeight: number
  /** What it gets now: less while its circuit recovers. */
  weight: number
  state: BackendState
  /** By `drain`, kept over tables. */
  drained = false
  /** Not in the table any more. */
  removed = false
  inFlight = 0
  requests = 0
  failures = 0
  // Random, so that several workers do not all begin with the same backend.
  share = Math.random() / 2
  /** No request before it: left out by outlier detection, or at its rate limit. */
  notBefore = 0
  readonly outlier = new Outlier(CONNECTIONS_ONLY)
  /** Undefined: the pool has no circuit breaker. */
  circuit: Circuit | undefined = undefined
  readonly #latency = new PeakEwma()
  #arrival = 0
  #chargedUntil = 0
  readonly #idleWaiters = new Set<() => void>()
  #reportedAt = -Infinity
  #unreported = 0

  /** `maxInFlight`: what this process may have of it. */
  constructor(entry: BackendEntry, maxInFlight: number, config: EngineConfig, http2 = false) {
    this.id = entry.id
    this.host = entry.host
    this.port = entry.port
    this.protocol = entry.protocol ?? 'http'
    this.fullWeight = entry.weight ?? 1
    this.weight = this.fullWeight
    this.state = entry.state ?? 'up'
    this.maxInFlight = maxInFlight
    this.http2 = http2
    const { host: name, port, protocol } = this
    if (http2) {
      this.connections = new Http2Connections({ protocol, host: name, port }, maxInFlight, config)
      return
    }
    if (config.http1 === 'strict' && protocol === 'http') {
      this.connections = new WireConnections(name, port, maxInFlight, config)
      return
    }
    const host = name.includes(':') ? `[${name}]` : name
    this.connections = new Pool(`${this.protocol}://${host}:${entry.port}`, {
      connections: this.maxInFlight,
      pipelining: 1,
      allowH2: false,
      connectTimeout: config.timeouts.connectMs,
      headersTimeout: config.timeouts.responseMs,
      bodyTimeout: config.timeouts.idleMs,
      keepAliveTimeout: config.timeouts.backendKeepAliveMs,
      keepAliveMaxTimeout: config.timeouts.backendKeepAliveMs,
      maxHeaderSize: config.limits.responseHeaderBytes,
    })
  }

  get ready(): boolean {
    return this.state === 'up' && !this.drained && !this.removed
  }

  available(now: number): boolean {
    return this.inFlight < this.maxInFlight && now >= this.notBefore
  }

  latency(now: number): number {
    return this.#latency.read(now)
  }

  measured(latencyMs: number, now: number): void {
    this.#latency.record(latencyMs, now)
  }

  /** It answered: whatever the status, connections to it work. */
  answered(now: number): void {
    this.outlier.answered(now)
    this.#settle()
  }

  eject(now: number, how: Ejection): void {
    this.outlier.eject(now, how)
    this.#settle()
  }

  pardon(): void {
    this.outlier.pardon()
    this.#settle()
  }

  /** Counts a request against its rate limit. */
  charge(rate: Gcra, now: number): void {
    this.#arrival = rate.next(this.#arrival, now)
    this.#chargedUntil = rate.allowedAt(this.#arrival)
    this.#settle()
  }

  /** Forgets what it was charged: there is no such limit any more. */
  discharge(): void {
    this.#chargedUntil = 0
    this.#settle()
  }

  #settle(): void {
    this.notBefore = Math.max(this.outlier.ejectedUntil, this.#chargedUntil)
  }

  /** Counts a failed request; returns how many to report now, or 0 when a report was made lately. */
  failed(now: number): number {
    this.failures++
    this.#unreported++
    if (now - this.#reportedAt < REPORT_MS) return 0
    const count = this.#unreported
    this.#reportedAt = now
    this.#unreported = 0
    return count
  }

  release(): void {
    if (--this.inFlight === 0 && this.#idleWaiters.size > 0) {
      for (const resolve of this.#idleWaiters) resolve()
    }
  }

  /** Resolves when nothing is in flight, or after `timeoutMs`. */
  async idle(timeoutMs: number): Promise<void> {
    if (this.inFlight === 0) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#idleWaiters.delete(done)
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      this.#idleWaiters.add(done)
    })
  }

  stats(now: number): BackendStats {
    return {
      id: this.id,
      address: `${this.protocol}://${this.host}:${this.port}`,
      state: this.drained ? 'draining' : this.state,
      ejected: this.outlier.isOut(now),
      circuit: this.circuit?.state ?? 'closed',
      admitted: this.ready ? this.weight / this.fullWeight : 0,
      latencyMs: this.latency(now),
      inFlight: this.inFlight,
      requests: this.requests,
      failures: this.failures,
    }
  }
}
