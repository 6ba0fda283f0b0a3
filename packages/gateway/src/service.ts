import type { CapabilityContext, ComponentStatus, Health, RuntimeLink } from '@millrace/core'
import { quantile, type Instruments } from '@millrace/core/metrics'
import type { GatewayConfig } from './config.ts'
import type { GatewayStats } from './drivers/driver.ts'
import type { BackendHealth } from './health/health-monitor.ts'
import type { gatewayMetrics } from './metrics.ts'
import { settingsWithoutFeature } from './not-built.ts'
import type { StatsModel } from './read-models.ts'

/** What the host part's method `stats` answers. */
export interface HostStats extends GatewayStats {
  workers: ComponentStatus[]
  health: BackendHealth[]
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1e5) / 100

/** The gateway as the control plane sees it: everything is asked of the supervisor when it is needed. */
export class GatewayService {
  readonly config: GatewayConfig
  readonly #runtime: RuntimeLink

  constructor(
    context: Pick<CapabilityContext<GatewayConfig, Instruments<typeof gatewayMetrics>>, 'config' | 'runtime'>,
  ) {
    this.config = context.config
    this.#runtime = context.runtime
  }

  /** Rejects with CORE_RUNTIME_UNAVAILABLE without a supervisor. */
  async stats(): Promise<StatsModel> {
    const { pools, workers, health, connections, inFlight, requests } = await this.#runtime.call<HostStats>(
      'gateway',
      'stats',
    )
    const checks = new Map(health.map((check) => [check.id, check]))
    return {
      connections,
      inFlight,
      requests,
      workers,
      pools: pools.map(({ backends, duration, ...pool }) => {
        const at = (q: number): number => milliseconds(quantile(duration, q) ?? 0)
        const inState = (state: string): number =>
          backends.filter((backend) => backend.state === state).length
        return {
          ...pool,
          ...(duration.count > 0 ? { latency: { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) } } : {}),
          backends: { up: inState('up'), draining: inState('draining'), down: inState('down') },
        }
      }),
      backends: pools.flatMap((pool) =>
        pool.backends.map((backend) => {
          const check = checks.get(backend.id)
          if (check === undefined) return { ...backend, pool: pool.name }
          const { healthy, message, latencyMs, checkedAt } = check
          return { ...backend, pool: pool.name, health: { healthy, message, latencyMs, checkedAt } }
        }),
      ),
    }
  }

  drain(backend: string, timeoutMs: number): Promise<{ inFlight: number }> {
    return this.#runtime.call('gateway', 'drain', { backend, timeoutMs }, { timeoutMs: timeoutMs + 10_000 })
  }

  undrain(backend: string): Promise<void> {
    return this.#runtime.call('gateway', 'undrain', { backend })
  }

  reload(): Promise<void> {
    return this.#runtime.call('gateway', 'reload', {}, { timeoutMs: 10 * 60_000 })
  }

  notInThisVersion(): string[] {
    return settingsWithoutFeature(this.config)
  }

  async health(): Promise<Health> {
    if (!this.config.enabled) return { state: 'healthy', message: 'Switched off by configuration.' }
    if (!this.#runtime.connected) {
      return {
        state: 'degraded',
        message: 'Without a supervisor (millrace up) there are no gateway workers.',
      }
    }
    const workers = this.#runtime.components().filter(({ id }) => id.startsWith('gateway/'))
    const ready = workers.filter(({ state }) => state === 'ready').length
    const { pools } = await this.stats()
    const dead = pools.filter(({ backends }) => backends.up === 0).map(({ name }) => name)
    const checks: NonNullable<Health['checks']> = [
      {
        name: 'workers',
        state: ready === 0 ? 'failed' : ready < workers.length ? 'degraded' : 'healthy',
        message: `${ready} of ${workers.length} ready`,
      },
      ...pools.map(({ name, backends }) => ({
        name: `pool ${name}`,
        state: backends.up === 0 || backends.down > 0 ? ('degraded' as const) : ('healthy' as const),
        message: `${backends.up} up, ${backends.draining} draining, ${backends.down} down`,
      })),
    ]
    if (ready === 0) return { state: 'failed', message: 'No worker is ready.', checks }
    if (dead.length > 0)
      return { state: 'degraded', message: `No backend is up: ${dead.join(', ')}.`, checks }
    const degraded = checks.some(({ state }) => state !== 'healthy')
    return degraded
      ? { state: 'degraded', message: 'Some workers or backends are down.', checks }
      : { state: 'healthy', message: `${ready} workers, ${pools.length} pools.`, checks }
  }

  async overview(): Promise<Record<string, unknown>> {
    const { connections, inFlight, requests, pools, workers } = await this.stats()
    return { connections, inFlight, requests, workers: workers.length, pools }
  }
}
