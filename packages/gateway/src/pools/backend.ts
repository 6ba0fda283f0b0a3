import { Pool as Connections } from 'undici'
import type { Candidate } from '../balancing/balancer.ts'
import type { EngineConfig } from '../config.ts'
import type { BackendEntry, BackendState, BackendStats } from '../drivers/driver.ts'

/** A first failed connection takes a backend out this long; each further one doubles it. */
const EJECT_MS = 250
const EJECT_MAX_MS = 5_000
/** A failing backend writes one line of log in this time, however many requests it fails. */
const REPORT_MS = 10_000

/** One backend as this process sees it: its connections, and what is known of it from its own traffic. */
export class Backend implements Candidate {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly protocol: 'http' | 'https'
  readonly connections: Connections
  readonly maxInFlight: number
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
  ejectedUntil = 0
  #consecutiveFailures = 0
  readonly #idleWaiters = new Set<() => void>()
  #reportedAt = -Infinity
  #unreported = 0

  constructor(entry: BackendEntry, config: EngineConfig, processes: number) {
    this.id = entry.id
    this.host = entry.host
    this.port = entry.port
    this.protocol = entry.protocol ?? 'http'
    this.weight = entry.weight ?? 1
    this.state = entry.state ?? 'up'
    this.maxInFlight = Math.max(1, Math.floor(config.limits.backendConnections / processes))
    const host = entry.host.includes(':') ? `[${entry.host}]` : entry.host
    this.connections = new Connections(`${this.protocol}://${host}:${entry.port}`, {
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
    return this.inFlight < this.maxInFlight && now >= this.ejectedUntil
  }

  /** It answered: whatever the status, connections to it work. */
  succeeded(): void {
    this.#consecutiveFailures = 0
    this.ejectedUntil = 0
  }

  /** A connection could not be made. Returns how long it stays out. */
  eject(now: number): number {
    const delay = Math.min(EJECT_MS * 2 ** this.#consecutiveFailures++, EJECT_MAX_MS)
    this.ejectedUntil = now + delay
    return delay
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
      ejected: now < this.ejectedUntil,
      inFlight: this.inFlight,
      requests: this.requests,
      failures: this.failures,
    }
  }
}
