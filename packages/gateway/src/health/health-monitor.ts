import type { Clock, Logger } from '@millrace/core'
import type { BackendEntry } from '../drivers/driver.ts'
import { CheckSlots } from './check-slots.ts'
import { kindOf, type CheckKind, type HealthSettings } from './health-settings.ts'
import { probe, type ProbeResult } from './probe.ts'

export type { HealthSettings } from './health-settings.ts'

export interface BackendHealth {
  id: string
  pool: string
  kind: CheckKind
  healthy: boolean
  /** What the last check saw, or why it failed. */
  message: string
  latencyMs: number | undefined
  /** Milliseconds since the epoch; undefined before the first check. */
  checkedAt: number | undefined
  /** When it last went from healthy to unhealthy or back; undefined: never. */
  changedAt: number | undefined
  /** Failed checks in a row. */
  failures: number
}

interface Watched {
  backend: BackendEntry
  health: BackendHealth
  settings: HealthSettings
  /** Monotonic. */
  readonly since: number
  answered: boolean
  streak: number
  readonly aborter: AbortController
}

export interface HealthMonitorOptions {
  clock: Clock
  logger: Logger
  /** A backend went down or came back. */
  onChange: () => void
  /** Checks at the same time; the others wait. Default 64. */
  maxConcurrent?: number
  onResult?: (pool: string, kind: CheckKind, result: ProbeResult) => void
  /** 0 ≤ n < 1. Default Math.random. */
  random?: () => number
  /** Default: over the network. */
  probe?: (backend: BackendEntry, settings: HealthSettings, signal: AbortSignal) => Promise<ProbeResult>
}

/** A backend that gets nothing before its first check does not wait for a whole interval. */
const FIRST_CHECK_MS = 500

/** Checks every backend on its interval, in one place for all workers, with rise and fall (HAProxy's words). */
export class HealthMonitor {
  readonly #options: HealthMonitorOptions
  readonly #slots: CheckSlots
  readonly #watched = new Map<string, Watched>()

  constructor(options: HealthMonitorOptions) {
    this.#options = options
    this.#slots = new CheckSlots(options.maxConcurrent ?? 64)
  }

  /** The whole list: what is not in it is not checked any more. */
  watch(entries: readonly { pool: string; backend: BackendEntry; settings: HealthSettings }[]): void {
    const kept = new Set<string>()
    for (const { pool, backend, settings } of entries) {
      kept.add(backend.id)
      const known = this.#watched.get(backend.id)
      if (known !== undefined && sameAddress(known.backend, backend)) {
        known.backend = backend
        known.settings = settings
        continue
      }
      // Another process under the same id: what was seen of the old one says nothing about it.
      known?.aborter.abort()
      const watched: Watched = {
        backend,
        settings,
        since: this.#options.clock.monotonic(),
        answered: false,
        streak: 0,
        aborter: new AbortController(),
        health: {
          id: backend.id,
          pool,
          kind: kindOf(settings),
          healthy: settings.initial !== 'unhealthy',
          message: 'not checked yet',
          latencyMs: undefined,
          checkedAt: undefined,
          changedAt: undefined,
          failures: 0,
        },
      }
      this.#watched.set(backend.id, watched)
      void this.#run(watched)
    }
    for (const [id, watched] of this.#watched) {
      if (kept.has(id)) continue
      watched.aborter.abort()
      this.#watched.delete(id)
    }
  }

  /** True for backends that are not watched. */
  isHealthy(id: string): boolean {
    return this.#watched.get(id)?.health.healthy ?? true
  }

  list(): BackendHealth[] {
    return [...this.#watched.values()].map(({ health }) => ({ ...health }))
  }

  async #run(watched: Watched): Promise<void> {
    const { clock, random = Math.random } = this.#options
    const { signal } = watched.aborter
    const { intervalMs, initial } = watched.settings
    // Spread over the interval, so that a thousand backends are not asked in one instant.
    let delayMs = (initial === 'unhealthy' ? Math.min(intervalMs, FIRST_CHECK_MS) : intervalMs) * random()
    for (;;) {
      try {
        await clock.sleep(delayMs, signal)
        await this.#check(watched, signal)
      } catch {
        return
      }
      delayMs = watched.settings.intervalMs
    }
  }

  /** Rejects when the backend is not watched any more. */
  async #check(watched: Watched, signal: AbortSignal): Promise<void> {
    const { onResult, probe: ask = probe } = this.#options
    const giveBack = await this.#slots.take(signal)
    let result: ProbeResult
    try {
      result = await ask(watched.backend, watched.settings, signal)
    } finally {
      giveBack()
    }
    signal.throwIfAborted()
    onResult?.(watched.health.pool, watched.health.kind, result)
    this.#record(watched, result)
  }

  #record(watched: Watched, result: ProbeResult): void {
    const { health, settings, backend } = watched
    const { clock, logger, onChange } = this.#options
    health.kind = kindOf(settings)
    health.message = result.message
    health.latencyMs = result.latencyMs
    health.checkedAt = clock.now()
    health.failures = result.healthy ? 0 : health.failures + 1
    // One that began as unhealthy is taken in at its first answer: nothing speaks against it yet.
    const first = result.healthy && !watched.answered && settings.initial === 'unhealthy'
    watched.answered ||= result.healthy
    const starting = !watched.answered && clock.monotonic() - watched.since < (settings.startPeriodMs ?? 0)
    watched.streak = result.healthy === health.healthy || starting ? 0 : watched.streak + 1
    const needed = health.healthy ? settings.unhealthyAfter : first ? 1 : settings.healthyAfter
    if (watched.streak < needed) return
    watched.streak = 0
    health.healthy = result.healthy
    health.changedAt = health.checkedAt
    logger.warn(
      { backend: backend.id, check: health.kind, reason: result.message },
      result.healthy ? 'a backend answers its health checks' : 'a backend failed its health checks',
    )
    onChange()
  }

  stop(): void {
    this.watch([])
  }
}

const sameAddress = (one: BackendEntry, other: BackendEntry): boolean =>
  one.host === other.host && one.port === other.port && one.protocol === other.protocol
