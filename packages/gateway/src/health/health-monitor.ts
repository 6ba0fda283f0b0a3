import type { Clock, Logger } from '@millrace/core'
import type { BackendEntry } from '../drivers/driver.ts'
import { probe, type ProbeResult } from './probe.ts'

export interface HealthSettings {
  path: string | undefined
  intervalMs: number
  timeoutMs: number
  /** Failures in a row that take a backend out. */
  unhealthyAfter: number
  /** Successes in a row that bring it back. */
  healthyAfter: number
}

export interface BackendHealth {
  id: string
  pool: string
  healthy: boolean
  message: string
  latencyMs: number | undefined
  /** Milliseconds since the epoch; undefined before the first check. */
  checkedAt: number | undefined
}

interface Watched {
  backend: BackendEntry
  health: BackendHealth
  settings: HealthSettings
  streak: number
  aborter: AbortController
}

export interface HealthMonitorOptions {
  clock: Clock
  logger: Logger
  /** A backend went down or came back. */
  onChange: () => void
  /** Default: over the network. */
  probe?: (backend: BackendEntry, settings: HealthSettings) => Promise<ProbeResult>
}

/**
 * Checks every backend on its interval, in one place for all workers. A backend is taken as healthy until it has failed
 * `unhealthyAfter` times in a row: it was said to be ready by whoever started it.
 */
export class HealthMonitor {
  readonly #options: HealthMonitorOptions
  readonly #watched = new Map<string, Watched>()

  constructor(options: HealthMonitorOptions) {
    this.#options = options
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
        streak: 0,
        aborter: new AbortController(),
        health: {
          id: backend.id,
          pool,
          healthy: true,
          message: 'not checked yet',
          latencyMs: undefined,
          checkedAt: undefined,
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
    const { clock } = this.#options
    const { signal } = watched.aborter
    const check = this.#options.probe ?? probe
    // Spread over the interval, so that a hundred backends are not asked in one instant.
    let delayMs = watched.settings.intervalMs * Math.random()
    for (;;) {
      try {
        await clock.sleep(delayMs, signal)
      } catch {
        return
      }
      const result = await check(watched.backend, watched.settings)
      if (signal.aborted) return
      this.#record(watched, result)
      delayMs = watched.settings.intervalMs
    }
  }

  #record(watched: Watched, result: ProbeResult): void {
    const { health, settings, backend } = watched
    const { clock, logger, onChange } = this.#options
    health.message = result.message
    health.latencyMs = result.latencyMs
    health.checkedAt = clock.now()
    watched.streak = result.healthy === health.healthy ? 0 : watched.streak + 1
    if (watched.streak < (health.healthy ? settings.unhealthyAfter : settings.healthyAfter)) return
    watched.streak = 0
    health.healthy = result.healthy
    logger.warn(
      { backend: backend.id, reason: result.message },
      result.healthy ? 'a backend is healthy again' : 'a backend failed its health checks',
    )
    onChange()
  }

  stop(): void {
    this.watch([])
  }
}

const sameAddress = (one: BackendEntry, other: BackendEntry): boolean =>
  one.host === other.host && one.port === other.port && one.protocol === other.protocol
