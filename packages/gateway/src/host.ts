import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { HostContext, HostDefinition, HostPart, InstanceSource } from '@millrace/core'
import { createInstruments, MetricRegistry, startExporter } from '@millrace/core/metrics'
import { recentParams, type RecentRequests } from './access-log/model.ts'
import { readAccessLog } from './access-log/tail.ts'
import { engineConfig, type EngineConfig, type GatewayConfig } from './config.ts'
import { connectionsParams } from './connections-view/model.ts'
import { Discoveries } from './discovery/discoveries.ts'
import { startFront, trustingFront } from './front/start-front.ts'
import type { CaddyFront } from './front/front.ts'
import { exportSource } from './export/source.ts'
import { checkRecorder } from './health/check-recorder.ts'
import { HealthMonitor } from './health/health-monitor.ts'
import { gatewayMetrics } from './metrics.ts'
import { asPurge, purgeParams } from './purge.ts'
import { settingsWithoutFeature } from './not-built.ts'
import { RegionMonitor } from './regions/region-monitor.ts'
import { withRegions } from './regions/region-table.ts'
import type { SplitStats } from './drivers/driver.ts'
import { explainParams } from './routing/explain-model.ts'
import { splitMethods } from './splitting/host-methods.ts'
import { SplitControl } from './splitting/split-control.ts'
import { loadOrCreateSecret } from './affinity/secret-file.ts'
import { needsSecret } from './supervisor/pool-settings.ts'
import { TableSource } from './supervisor/table-source.ts'
import type { WorkerGroupOptions } from './supervisor/worker-group-options.ts'
import { createHostEngine, type HostEngine } from './supervisor/host-engine.ts'

/** How often running canaries are looked at. */
const JUDGE_MS = 1_000

const backendParams = z.object({
  backend: z.string().min(1),
  timeoutMs: z.int().min(0).max(3_600_000).default(30_000),
})

const disconnectParams = z.object({ connection: z.string().min(1).max(200) })

/** The data plane: n workers on the public port, with the table that the other host parts' instances make. */
export const host: HostDefinition<GatewayConfig> = {
  async start(context) {
    for (const message of settingsWithoutFeature(context.config)) context.logger.warn(message)
    if (!context.config.enabled) {
      context.logger.warn(
        'the gateway is off (gateway.enabled, LOAD_BALANCER_ENABLED): nothing listens for visitors',
      )
      return { status: () => [], stop: async () => undefined }
    }
    await mkdir(context.dataDir, { recursive: true })
    let part: GatewayHost | undefined = undefined
    const splits = await SplitControl.open({
      platform: context.platform,
      file: join(context.dataDir, 'splits.json'),
      clock: context.clock,
      logger: context.logger,
      changed: () => void part?.refresh(),
    })
    part = new GatewayHost(context, await sessionSecret(context), splits)
    await part.start()
    return part
  },
}

const engineOptions = (config: GatewayConfig): EngineConfig => {
  const keys = Object.keys(engineConfig.shape) as (keyof EngineConfig)[]
  return engineConfig.parse(Object.fromEntries(keys.map((key) => [key, config[key]])))
}

/** Configured, or made once and kept; none where no session needs it. */
async function sessionSecret({ config, platform, dataDir }: HostContext<GatewayConfig>): Promise<string> {
  if (!needsSecret(config, platform)) return ''
  return config.stickySessions.secret ?? loadOrCreateSecret(join(dataDir, 'session-secret'))
}

class GatewayHost implements HostPart {
  readonly #context: HostContext<GatewayConfig>
  readonly #source: TableSource
  readonly #discoveries: Discoveries
  readonly #registry = new MetricRegistry()
  readonly #health: HealthMonitor
  readonly #group: HostEngine
  readonly #splits: SplitControl
  readonly #regions: RegionMonitor
  readonly #subscribed = new Map<InstanceSource, () => void>()
  readonly #undo: (() => void)[] = []
  #applying: Promise<void> = Promise.resolve()
  #reported = ''
  #judging = false
  /** Undefined: visitors reach the engine itself. */
  #front: CaddyFront | undefined

  readonly methods: NonNullable<HostPart['methods']> = {
    stats: async () => this.#stats(),
    health: async () => this.#health.list(),
    drain: async (params) => {
      const { backend, timeoutMs } = backendParams.parse(params)
      return this.#group.drain(backend, timeoutMs)
    },
    undrain: async (params) => this.#group.undrain(backendParams.parse(params).backend),
    purge: async (params) => this.#group.purge(asPurge(purgeParams.parse(params))),
    reload: async () => this.#group.reload(),
    reloadCertificates: async () => (await this.#group.reloadCertificates?.()) ?? [],
    regions: async () => this.#regions.model(),
    table: async () => exportSource(this.#build(), (pool) => this.#source.health(pool), this.#context.config),
    explain: async (params) => this.#group.explain(explainParams.parse(params)),
    connections: async (params) => this.#group.connections(connectionsParams.parse(params).limit),
    disconnect: async (params) => this.#group.disconnect(disconnectParams.parse(params).connection),
    recent: async (params) => this.#recent(recentParams.parse(params).limit),
  }

  constructor(context: HostContext<GatewayConfig>, secret: string, splits: SplitControl) {
    this.#context = context
    this.#splits = splits
    const counted = async (): Promise<readonly SplitStats[]> => (await this.#group.stats()).splits ?? []
    Object.assign(
      this.methods,
      splitMethods(splits, counted, () => this.#applying),
    )
    const { config, platform, logger, clock, ports } = context
    this.#discoveries = new Discoveries(context, this.#registry)
    ports.provide('instances', this.#discoveries.board)
    this.#source = new TableSource(config, platform, ports, secret)
    this.#health = new HealthMonitor({
      clock,
      logger,
      onChange: () => void this.#refresh(),
      maxConcurrent: config.health.maxConcurrent,
      onResult: checkRecorder(this.#registry),
    })
    this.#regions = new RegionMonitor({
      config: config.regions,
      clock,
      logger,
      registry: this.#registry,
      onChange: () => void this.#refresh(),
    })
    const options: WorkerGroupOptions = {
      host: config.host,
      port: config.port,
      workers: config.workers ?? Math.min(Math.max(availableParallelism(), 2), 4),
      engine: trustingFront(engineOptions(config), config),
      table: this.#build(),
      logger,
      logLevel: platform.logLevel,
      clock,
      telemetry: context.telemetry,
      httpCache: () => (config.cache.enabled ? ports.find('httpCache') : undefined),
      changed: () => context.changed(),
      ...(config.accessLog === 'json' ? { accessLog: this.#accessLog } : {}),
    }
    this.#group = createHostEngine(config.engine, options, context.dataDir)
  }

  async start(): Promise<void> {
    const { ports, dataDir } = this.#context
    await mkdir(dataDir, { recursive: true })
    await this.#discoveries.start()
    this.#subscribe()
    this.#watchHealth()
    try {
      const address = await this.#group.listen()
      this.#front = await startFront(this.#context, address)
    } catch (error) {
      this.#discoveries.stop()
      this.#health.stop()
      await this.#regions.stop()
      await this.#group.close({ deadlineMs: 0 })
      throw error
    }
    this.#undo.push(
      ports.onRoutes(() => {
        this.#subscribe()
        void this.#refresh()
      }),
    )
    this.#regions.start()
    // Whatever changed while the workers started.
    await this.#refresh()
    ports.provide('traffic', { drain: (id, timeoutMs) => this.#drain(id, timeoutMs) })
    this.#undo.push(this.#context.clock.every(JUDGE_MS, () => void this.#judge()))
    this.#export()
  }

  /** Sources that appeared since the last look are followed as well. */
  #subscribe(): void {
    for (const source of this.#context.ports.all('instances')) {
      if (!this.#subscribed.has(source))
        this.#subscribed.set(
          source,
          source.onChange(() => this.#refresh()),
        )
    }
  }

  #watchHealth(): void {
    if (!this.#context.config.health.enabled) return
    this.#health.watch(
      this.#source.instances().map((instance) => ({
        pool: instance.pool,
        backend: this.#source.backend(instance),
        settings: this.#source.health(instance.pool),
      })),
    )
  }

  #build(): ReturnType<TableSource['build']>['table'] {
    const { table, conflicts } = this.#source.build((id) => this.#health.isHealthy(id))
    const report = conflicts.join(', ')
    if (report !== '' && report !== this.#reported) {
      this.#context.logger.warn(
        { prefixes: conflicts },
        'an application has these prefixes: the internal service is not reachable there',
      )
    }
    this.#reported = report
    const applications = new Set(Object.keys(this.#context.platform.applications))
    const { pools } = withRegions(table, applications, this.#regions.peers)
    return { pools, routes: this.#splits.apply(table.routes) }
  }

  /** Gives canaries that are running what the workers have counted. */
  async #judge(): Promise<void> {
    if (!this.#splits.running || this.#judging) return
    this.#judging = true
    try {
      // What was decided last is in force, so that what is counted from now on belongs to it.
      await this.#applying
      this.#splits.observe((await this.#group.stats()).splits ?? [])
    } catch (error) {
      this.#context.logger.warn({ err: error }, 'the workers did not say what a canary does')
    } finally {
      this.#judging = false
    }
  }

  /** Something that the routes are made of has changed. */
  refresh(): Promise<void> {
    return this.#refresh()
  }

  /** Resolves when every worker routes by the present state. One at a time: the last one wins. */
  #refresh(): Promise<void> {
    this.#applying = this.#applying.then(async () => {
      this.#watchHealth()
      try {
        await this.#group.update(this.#build())
      } catch (error) {
        this.#context.logger.error({ err: error }, 'the gateway’s routes could not be updated')
      }
      this.#context.changed()
    })
    return this.#applying
  }

  /** An instance that no worker knows has nothing in flight. */
  async #drain(id: string, timeoutMs: number): Promise<{ inFlight: number }> {
    if (!this.#source.instances().some((instance) => instance.id === id)) return { inFlight: 0 }
    return this.#group.drain(id, timeoutMs)
  }

  get #accessLog(): string {
    return join(this.#context.dataDir, 'access.log')
  }

  async #recent(limit: number): Promise<RecentRequests> {
    if (this.#context.config.accessLog === 'off') return { enabled: false, requests: [] }
    return { enabled: true, requests: await readAccessLog(this.#accessLog, limit) }
  }

  async #stats(): Promise<Record<string, unknown>> {
    const [stats, health] = [await this.#group.stats(), this.#health.list()]
    const weights = Object.fromEntries(this.#source.instances().map(({ id, weight }) => [id, weight]))
    const regions = this.#regions.peers.length === 0 ? {} : { regions: this.#regions.model() }
    return {
      ...stats,
      ...regions,
      workers: this.#group.status(),
      health,
      discovery: this.#discoveries.status(),
      weights,
    }
  }

  #export(): void {
    const { telemetry, clock, logger } = this.#context
    const registry = this.#registry
    const { backends } = createInstruments(registry, 'gateway', { backends: gatewayMetrics.backends })
    const count = (): void => {
      const { table } = this.#source.build((id) => this.#health.isHealthy(id))
      for (const pool of table.pools) {
        for (const state of ['up', 'draining', 'down'] as const) {
          const matching = pool.backends.filter((backend) => backend.state === state)
          backends.with({ pool: pool.name, state }).set(matching.length)
        }
      }
    }
    count()
    const resource = { service: 'gateway', instance: 'gateway' }
    const exporter = startExporter({ registry, target: telemetry, resource, clock, logger })
    this.#undo.push(clock.every(1_000, count), () => void exporter.stop({ deadlineMs: 500 }))
  }

  status(): ReturnType<HostPart['status']> {
    const workers = this.#group.status()
    return this.#front === undefined ? workers : [...workers, this.#front.status()]
  }

  async stop(options: { deadlineMs: number }): Promise<void> {
    for (const undo of [...this.#undo.splice(0), ...this.#subscribed.values()]) undo()
    this.#discoveries.stop()
    this.#health.stop()
    await this.#regions.stop()
    // What it has in flight is in flight in the workers as well, whose time begins then.
    await this.#front?.stop({ deadlineMs: options.deadlineMs / 2 })
    await this.#group.close(options)
    await this.#splits.saved()
  }
}
