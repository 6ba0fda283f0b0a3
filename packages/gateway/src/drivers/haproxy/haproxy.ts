import {
  MillraceError,
  silentLogger,
  systemClock,
  type Clock,
  type ComponentStatus,
  type HttpPurge,
  type Logger,
} from '@millrace/core'
import { createInstruments, MetricRegistry } from '@millrace/core/metrics'
import { allocatePort, isPortFree } from '@millrace/core/process'
import { engineConfig, type EngineConfig } from '../../config.ts'
import type { OpenConnections } from '../../connections-view/model.ts'
import { gatewayErrors } from '../../errors.ts'
import { gatewayMetrics } from '../../metrics.ts'
import type { GatewayInstruments } from '../../pools/pool-metrics.ts'
import { compileTrustedProxies } from '../../proxy/trusted-proxies.ts'
import { SplitRecords } from '../../splitting/split-records.ts'
import { checkTable } from '../check-table.ts'
import type {
  CertificateStats,
  GatewayEngine,
  GatewayStats,
  GatewayTable,
  ListenAddress,
  PurgeResult,
} from '../driver.ts'
import { checkFeatures } from './check-features.ts'
import { Changes } from './changes.ts'
import { end } from './ending.ts'
import { gatewayStats } from './gateway-stats.ts'
import { HaproxyProcess } from './haproxy-process.ts'
import { HaproxyTls } from './haproxy-tls.ts'
import { Numbers } from './numbers.ts'
import { cutSession, openSessions } from './open-sessions.ts'
import { Observation } from './observation.ts'
import { engineOf, type HaproxyOptions } from './options.ts'
import { PassiveWatch } from './passive-watch.ts'
import { placeIn } from './place.ts'
import { suitableHaproxy } from './program.ts'
import { poolSection, serverName } from './quote.ts'

const OBSERVE_EVERY = 32
const POLL_MS = 20
async function checkFree(host: string, port: number): Promise<void> {
  if (!(await isPortFree(port, host)))
    throw gatewayErrors.LISTEN_FAILED({ host, port, reason: 'the port is taken' })
}

/** The engine `haproxy`: HAProxy moves the requests, this process tells it how. */
export class HaproxyGateway implements GatewayEngine {
  readonly #options: HaproxyOptions
  readonly #config: EngineConfig
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #instruments: GatewayInstruments
  readonly #observation: Observation
  readonly #splits: SplitRecords
  readonly #numbers: Numbers
  readonly #changes: Changes
  readonly #tls: HaproxyTls | undefined
  #table: GatewayTable
  #process: HaproxyProcess | undefined
  #address: ListenAddress | undefined
  #closing: Promise<void> | undefined

  constructor(options: HaproxyOptions) {
    const { logger, accessLog, registry, httpCache, routes, pools, observeEvery, clock } = options
    this.#options = options
    this.#config = engineConfig.parse(engineOf(options))
    this.#clock = clock ?? systemClock
    this.#logger = logger ?? silentLogger
    this.#table = { routes: routes ?? [], pools: pools ?? [] }
    compileTrustedProxies(this.#config.trustedProxies)
    this.#check(this.#table)
    this.#instruments = createInstruments(registry ?? new MetricRegistry(), 'gateway', gatewayMetrics)
    this.#splits = new SplitRecords(this.#instruments)
    this.#splits.update(this.#table)
    this.#observation = new Observation({
      splits: this.#splits,
      instruments: this.#instruments,
      logger: this.#logger,
      accessLog,
      observeEvery: this.#observeEvery(observeEvery),
    })
    this.#changes = new Changes({
      config: this.#config,
      clock: this.#clock,
      logger: this.#logger,
      table: () => this.#numbers.watch.effective(this.#table, this.#clock.monotonic()),
      files: () => this.#tls?.files() ?? {},
    })
    this.#numbers = this.#createNumbers()
    this.#numbers.watch.update(this.#table, this.#numbers.traffic)
    this.#tls = this.#config.tls.enabled
      ? new HaproxyTls({
          config: this.#config,
          logger: this.#logger,
          instruments: this.#instruments,
          apply: () => this.#changes.reload(),
        })
      : undefined
    if (httpCache !== undefined) {
      this.#logger.warn('the engine haproxy has no HTTP cache: everything is forwarded')
      void httpCache.close()
    }
  }

  #createNumbers(): Numbers {
    return new Numbers({
      clock: this.#clock,
      instruments: this.#instruments,
      observation: this.#observation,
      watch: () => new PassiveWatch(this.#logger, (pool) => this.#observation.pool(pool).metrics),
      process: () => this.#process,
      table: () => this.#table,
      failing: () =>
        void this.#changes
          .change(() => undefined)
          .catch((error: unknown) =>
            this.#logger.error({ err: error }, 'HAProxy was not told about a failing backend'),
          ),
      looked: async (traffic) => {
        this.#tls?.record(traffic)
        await this.#changes.removeIdle(traffic)
      },
    })
  }

  #observeEvery(wanted: number | undefined): number {
    return this.#options.accessLog === undefined ? (wanted ?? OBSERVE_EVERY) : 1
  }

  #check(table: GatewayTable): void {
    checkTable(table)
    checkFeatures(table, this.#config)
  }

  async listen(): Promise<ListenAddress> {
    const { host = '127.0.0.1', port: wanted = 0, program: name, directory } = this.#options
    const program = await suitableHaproxy(name)
    const port = wanted === 0 ? await allocatePort() : wanted
    const refuse = (reason: string, cause?: unknown) =>
      gatewayErrors.LISTEN_FAILED({ host, port, reason }, cause)
    const supervised = new HaproxyProcess({
      program,
      directory,
      logger: this.#logger,
      clock: this.#clock,
      render: () => this.#changes.render(),
      started: () => this.#changes.started(),
      leaving: () => this.#numbers.look().catch(() => undefined),
      onLine: (line) => this.#observation.line(line),
      onChange: () => this.#options.changed?.(),
    })
    await supervised.endFormer()
    await checkFree(host, port)
    const tlsPort = this.#tls && (this.#config.tls.port === 0 ? await allocatePort() : this.#config.tls.port)
    if (tlsPort !== undefined) await checkFree(host, tlsPort)
    this.#process = supervised
    const { threads, observeEvery } = this.#options
    const given = {
      host,
      port,
      threads,
      observeEvery: this.#observeEvery(observeEvery),
      ...(tlsPort === undefined ? {} : { tlsPort }),
    }
    const place = placeIn(supervised.directory, given, this.#config)
    this.#changes.begin(supervised, place)
    try {
      await supervised.start()
    } catch (error) {
      await this.close({ deadlineMs: 0 })
      if (error instanceof MillraceError && error.code.startsWith('GATEWAY_')) throw error
      throw refuse([(error as Error).message, ...supervised.lastLines().slice(-3)].join(' '), error)
    }
    this.#address = { host, port, ...(tlsPort === undefined ? {} : { tls: { host, port: tlsPort } }) }
    this.#numbers.start()
    this.#tls?.start(supervised, place.files.tickets, this.#clock)
    return this.#address
  }

  update(table: GatewayTable): Promise<void> {
    return this.#changes.change(() => {
      this.#check(table)
      this.#table = table
      this.#splits.update(table)
      this.#numbers.watch.update(table, this.#numbers.traffic)
      const present = new Set(table.pools.flatMap((pool) => pool.backends.map(({ id }) => id)))
      const { drained } = this.#changes
      for (const id of drained) if (!present.has(id)) drained.delete(id)
    })
  }

  #known(id: string): string {
    const pool = this.#table.pools.find(({ backends }) => backends.some((backend) => backend.id === id))
    if (pool !== undefined) return pool.name
    const known = this.#table.pools.flatMap(({ backends }) => backends.map((backend) => backend.id))
    throw gatewayErrors.BACKEND_UNKNOWN({ backend: id, known })
  }

  async drain(backendId: string, timeoutMs: number): Promise<{ inFlight: number }> {
    const section = poolSection(this.#known(backendId))
    await this.#changes.change(() => this.#changes.drained.add(backendId))
    const deadline = this.#clock.monotonic() + timeoutMs
    for (;;) {
      await this.#numbers.look()
      const inFlight = this.#numbers.traffic.now(section, serverName(backendId), 'scur')
      if (inFlight === 0 || this.#clock.monotonic() >= deadline) return { inFlight }
      await this.#clock.sleep(POLL_MS)
    }
  }

  async undrain(backendId: string): Promise<void> {
    this.#known(backendId)
    await this.#changes.change(() => this.#changes.drained.delete(backendId))
  }

  async stats(): Promise<GatewayStats> {
    await this.#numbers.look()
    // What it saw is in force.
    if (this.#numbers.watch.active) await this.#changes.settled()
    const splits = this.#splits.stats()
    const stats = gatewayStats(this.#table, this.#numbers.traffic, {
      balance: this.#config.balance,
      state: (section, server) => this.#changes.state(section, server),
      duration: (pool) => this.#observation.pool(pool).duration.snapshot(),
      watched: (backend) => this.#numbers.watch.state(this.#table, backend, this.#clock.monotonic()),
    })
    return {
      ...stats,
      ...(splits === undefined ? {} : { splits }),
      ...(this.#tls === undefined ? {} : { tls: this.#tls.stats(this.#numbers.traffic) }),
    }
  }

  async reloadCertificates(): Promise<readonly CertificateStats[]> {
    return this.#tls?.reload() ?? []
  }

  connections(limit: number): Promise<OpenConnections> {
    return openSessions(this.#process, limit, this.#tls !== undefined)
  }

  disconnect(id: string): Promise<void> {
    return cutSession(this.#process, id, this.#clock)
  }

  async purge(_what: HttpPurge): Promise<PurgeResult> {
    return { workers: 0, confirmed: 0 }
  }

  /** A new worker with the present state, without a refused or broken request. */
  reload(): Promise<void> {
    return this.#changes.reload()
  }

  status(): ComponentStatus[] {
    if (this.#process === undefined) return []
    const { host, port } = this.#address ?? {}
    const address =
      host === undefined ? {} : { address: `http://${host.includes(':') ? `[${host}]` : host}:${port}` }
    return [{ ...this.#process.status(), ...address }]
  }

  close(options: { deadlineMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.deadlineMs ?? 30_000)
    return this.#closing
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#changes.end()
    this.#numbers.stop()
    this.#tls?.close()
    if (this.#process === undefined) return
    const traffic = this.#numbers.traffic
    const { lingerMs } = this.#config.timeouts
    await end(
      this.#process,
      { clock: this.#clock, traffic, table: () => this.#table },
      { lingerMs, deadlineMs },
    )
  }
}

/**
 * A gateway whose requests HAProxy moves. Needs the program (Debian: `haproxy`), 2.6 or newer, with Lua: `listen` rejects with
 * GATEWAY_HAPROXY_MISSING or GATEWAY_HAPROXY_UNSUITABLE otherwise. Throws as `createGateway` does, and GATEWAY_TABLE_INVALID also
 * for what HAProxy cannot do.
 */
export const createHaproxyGateway = (options: HaproxyOptions = {}): HaproxyGateway =>
  new HaproxyGateway(options)
