import type {
  CapabilityContext,
  ComponentStatus,
  EventBus,
  Health,
  HttpPurge,
  Logger,
  PurgeEvent,
  RuntimeLink,
} from '@millrace/core'
import { quantile, type Instruments } from '@millrace/core/metrics'
import type { RecentRequests } from './access-log/model.ts'
import type { GatewayConfig } from './config.ts'
import type { OpenConnections } from './connections-view/model.ts'
import type { CacheStats, CertificateStats, GatewayStats, PurgeResult } from './drivers/driver.ts'
import type { DiscoveryStatus } from './discovery/discovery.ts'
import type { ExportInput, ExportSource } from './export/model.ts'
import type { BackendHealth } from './health/health-monitor.ts'
import type { gatewayMetrics } from './metrics.ts'
import { FRONT_ID } from './front/config.ts'
import { frontChecks } from './front/health.ts'
import { settingsWithoutFeature } from './not-built.ts'
import { purgesOf } from './purge.ts'
import type { StatsModel, StatusModel } from './read-models.ts'
import { regionCheck } from './regions/health.ts'
import type { RegionsModel } from './regions/model.ts'
import { isRegionPool } from './regions/region-table.ts'
import type { Explanation, ExplainRequest } from './routing/explain-model.ts'
import type { CanaryAction } from './splitting/host-methods.ts'
import type { SplitModel } from './splitting/split-model.ts'
import { certificateCheck, degradedMessage } from './tls/certificate-check.ts'

/** What the host part's method `stats` answers. */
export interface HostStats extends GatewayStats {
  workers: ComponentStatus[]
  health: BackendHealth[]
  /** Absent: no application is looked up. */
  discovery?: DiscoveryStatus[]
  /** Absent: there are none. */
  regions?: RegionsModel
  /** Of backends, by id. */
  weights?: Record<string, number>
}

function cacheModelOf(cache: CacheStats): NonNullable<StatsModel['cache']> {
  const answered = cache.hit + cache.stale + cache.revalidated
  const asked = answered + cache.miss + cache.error
  return { ...cache, hitRatio: asked > 0 ? (cache.hit + cache.stale) / asked : null }
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1e5) / 100

/** Ten seconds per worker, all at the same time, and the way there. */
const PURGE_MS = 15_000

/** The gateway as the control plane sees it: everything is asked of the supervisor when it is needed. */
export class GatewayService {
  readonly config: GatewayConfig
  readonly #runtime: RuntimeLink
  readonly #stops: (() => void)[] = []

  constructor(
    context: Pick<CapabilityContext<GatewayConfig, Instruments<typeof gatewayMetrics>>, 'config' | 'runtime'>,
  ) {
    this.config = context.config
    this.#runtime = context.runtime
  }

  /** Rejects with CORE_RUNTIME_UNAVAILABLE without a supervisor. */
  async stats(): Promise<StatsModel> {
    const {
      pools,
      workers,
      health,
      connections,
      inFlight,
      requests,
      cache,
      discovery,
      weights,
      tls,
      regions,
    } = await this.#runtime.call<HostStats>('gateway', 'stats')
    const checks = new Map(health.map((check) => [check.id, check]))
    return {
      connections,
      inFlight,
      requests,
      workers,
      ...(cache === undefined ? {} : { cache: cacheModelOf(cache) }),
      ...(tls === undefined ? {} : { tls }),
      ...(regions === undefined ? {} : { regions }),
      ...(discovery === undefined || discovery.length === 0 ? {} : { discovery }),
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
          const weight = weights?.[backend.id]
          const shown = { ...backend, pool: pool.name, ...(weight === undefined ? {} : { weight }) }
          const check = checks.get(backend.id)
          if (check === undefined) return shown
          const { id: _id, pool: _pool, ...seen } = check
          return { ...shown, health: seen }
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

  /** How many workers have a cache, and how many of them have forgotten it. */
  purge(what: HttpPurge): Promise<PurgeResult> {
    return this.#runtime.call('gateway', 'purge', what, { timeoutMs: PURGE_MS })
  }

  /** Purges what others ask all caches to forget, until `dispose`. */
  follow(events: EventBus, logger: Logger): void {
    const purgeAll = async (request: PurgeEvent): Promise<void> => {
      if (!this.config.enabled || !this.config.cache.enabled || !this.#runtime.connected) return
      for (const what of purgesOf(request)) {
        const { workers, confirmed } = await this.purge(what)
        if (confirmed < workers) logger.error({ purge: what, workers, confirmed }, 'a purge is not complete')
      }
    }
    this.#stops.push(
      events.on('purge.requested', purgeAll),
      events.on('data.changed', ({ tags }) => purgeAll({ tags })),
    )
  }

  dispose(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  status(): StatusModel {
    const { enabled, engine, accessLog } = this.config
    const address = this.#runtime.components().find(({ id }) => id.startsWith('gateway/'))?.address
    return {
      enabled,
      supervisor: this.#runtime.connected,
      engine,
      accessLog: accessLog !== 'off',
      ...(address === undefined ? {} : { address }),
    }
  }

  connections(limit: number): Promise<OpenConnections> {
    return this.#runtime.call('gateway', 'connections', { limit })
  }

  disconnect(connection: string): Promise<void> {
    return this.#runtime.call('gateway', 'disconnect', { connection })
  }

  recentRequests(limit: number): Promise<RecentRequests> {
    return this.#runtime.call('gateway', 'recent', { limit })
  }

  /** Splits with what their parts do, and what was decided. */
  splits(): Promise<SplitModel[]> {
    return this.#runtime.call('gateway', 'splits')
  }

  canary(split: string, action: CanaryAction, reason?: string): Promise<SplitModel> {
    return this.#runtime.call('gateway', 'canary', {
      split,
      action,
      ...(reason === undefined ? {} : { reason }),
    })
  }

  switchTo(split: string, to: string, reason?: string): Promise<SplitModel> {
    return this.#runtime.call('gateway', 'switch', { split, to, ...(reason === undefined ? {} : { reason }) })
  }

  explain(request: ExplainRequest): Promise<Explanation> {
    return this.#runtime.call('gateway', 'explain', request)
  }

  /** What the table is now, with the settings around it, for another system. */
  async exportInput(): Promise<ExportInput> {
    const { config } = this
    const source = await this.#runtime.call<ExportSource>('gateway', 'table')
    return { ...source, config, listen: { host: config.host, port: config.port } }
  }

  /** Tells everybody what is decided about splits, by hand or by the controller, until `dispose`. */
  announceSplits(events: EventBus, logger: Logger): void {
    const announced = new Map<string, number>()
    const look = async (): Promise<void> => {
      const first = announced.size === 0
      for (const { name, decisions } of await this.splits()) {
        // What was decided before this process began is history.
        const known = announced.get(name) ?? (first ? (decisions.at(-1)?.sequence ?? 0) : 0)
        for (const decision of decisions) {
          if (decision.sequence > known) events.emit('split.changed', { split: name, ...decision })
        }
        announced.set(name, Math.max(known, decisions.at(-1)?.sequence ?? 0))
      }
    }
    let looking = Promise.resolve()
    const soon = (): void => {
      if (!this.config.enabled || !this.#runtime.connected) return
      looking = looking
        .then(look)
        .catch((error: unknown) =>
          logger.debug({ err: error }, 'the supervisor did not say what was decided about splits'),
        )
    }
    this.#stops.push(this.#runtime.onChange(soon))
    soon()
  }

  /** The other gateways, as the supervisor sees them. */
  regions(): Promise<RegionsModel> {
    return this.#runtime.call('gateway', 'regions')
  }

  reload(): Promise<void> {
    return this.#runtime.call('gateway', 'reload', {}, { timeoutMs: 10 * 60_000 })
  }

  /** Rejects with GATEWAY_CERTIFICATE_INVALID; then the former certificates stay in use. */
  async reloadCertificates(): Promise<CertificateStats[]> {
    return this.#runtime.call('gateway', 'reloadCertificates', {}, { timeoutMs: 10_000 })
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
    const components = this.#runtime.components().filter(({ id }) => id.startsWith('gateway/'))
    const workers = components.filter(({ id }) => id !== FRONT_ID)
    const ready = workers.filter(({ state }) => state === 'ready').length
    const { pools: all, discovery = [], tls, regions } = await this.stats()
    // Whether other regions have an application is no matter of this one's health; whether they answer is.
    const pools = all.filter(({ name }) => !isRegionPool(name))
    const dead = pools.filter(({ backends }) => backends.up === 0).map(({ name }) => name)
    const checks: NonNullable<Health['checks']> = [
      {
        name: 'workers',
        state: ready === 0 ? 'failed' : ready < workers.length ? 'degraded' : 'healthy',
        message: `${ready} of ${workers.length} ready`,
      },
      ...frontChecks(components.find(({ id }) => id === FRONT_ID)),
      ...pools.map(({ name, backends }) => ({
        name: `pool ${name}`,
        state: backends.up === 0 || backends.down > 0 ? ('degraded' as const) : ('healthy' as const),
        message: `${backends.up} up, ${backends.draining} draining, ${backends.down} down`,
      })),
      ...(tls?.certificates ?? []).map(certificateCheck),
      ...(regions?.peers ?? []).map(regionCheck),
      ...discovery.map(({ pool, source, state, error, backends }) => ({
        name: `discovery ${pool}`,
        state: state === 'ok' ? ('healthy' as const) : ('degraded' as const),
        message: `${source}: ${backends} backends${error === undefined ? '' : `; ${error}`}`,
      })),
    ]
    if (ready === 0) return { state: 'failed', message: 'No worker is ready.', checks }
    if (dead.length > 0)
      return { state: 'degraded', message: `No backend is up: ${dead.join(', ')}.`, checks }
    const degraded = checks.some(({ state }) => state !== 'healthy')
    return degraded
      ? { state: 'degraded', message: degradedMessage(checks), checks }
      : { state: 'healthy', message: `${ready} workers, ${pools.length} pools.`, checks }
  }

  async overview(): Promise<Record<string, unknown>> {
    const { connections, inFlight, requests, pools, workers, cache } = await this.stats()
    return {
      connections,
      inFlight,
      requests,
      workers: workers.length,
      pools,
      ...(cache === undefined ? {} : { cache }),
    }
  }
}
