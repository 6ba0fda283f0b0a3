import { basename } from 'node:path'
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
import { renderConfiguration, type Place } from './configuration.ts'
import { gatewayStats } from './gateway-stats.ts'
import { HaproxyProcess, type Rendered } from './haproxy-process.ts'
import { HaproxyTls } from './haproxy-tls.ts'
import { Running } from './running.ts'
import { Observation } from './observation.ts'
import type { HaproxyOptions } from './options.ts'
import { PassiveWatch } from './passive-watch.ts'
import { placeIn } from './place.ts'
import { suitableHaproxy } from './program.ts'
import { poolSection, serverName } from './quote.ts'
import { documentsMap } from './response-documents.ts'
import { liveMaps } from './live-maps.ts'
import { mapText } from './routes-map.ts'
import { script } from './script.ts'
import { RING_ROTATION_MS } from './ticket-ring.ts'
import { parseSessions } from './sessions.ts'
import { Traffic } from './traffic.ts'

const OBSERVE_EVERY = 32
const LOOK_MS = 1_000
const POLL_MS = 20
/** Where backends are watched for failures. */
const WATCH_MS = 100
/** More than HAProxy makes. */
const RETRIES = 5

/** The engine `haproxy`: HAProxy moves the requests, this process tells it how. */
export class HaproxyGateway implements GatewayEngine {
  readonly #options: HaproxyOptions
  readonly #config: EngineConfig
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #instruments: GatewayInstruments
  readonly #observation: Observation
  readonly #splits: SplitRecords
  readonly #watch: PassiveWatch
  readonly #traffic = new Traffic()
  readonly #drained = new Set<string>()
  readonly #noted = new Map<string, { retries: number; bytes: number }>()
  readonly #tls: HaproxyTls | undefined
  #table: GatewayTable
  #process: HaproxyProcess | undefined
  #place: Place | undefined
  #running: Running | undefined
  /** What the files of the last start or reload say. */
  #rendered: Running | undefined
  #address: ListenAddress | undefined
  #work: Promise<void> = Promise.resolve()
  #looking: Promise<void> | undefined
  #stopLooking: () => void = () => undefined
  #closing: Promise<void> | undefined

  constructor(options: HaproxyOptions) {
    const {
      host: _host,
      port: _port,
      processes: _processes,
      logger,
      accessLog,
      registry,
      httpCache,
      onPurge: _onPurge,
      ticketKeys: _ticketKeys,
      routes,
      pools,
      directory: _directory,
      program: _program,
      threads: _threads,
      observeEvery,
      clock,
      changed: _changed,
      ...engine
    } = options
    this.#options = options
    this.#config = engineConfig.parse(engine)
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
    this.#watch = new PassiveWatch(this.#logger, (pool) => this.#observation.pool(pool).metrics)
    this.#watch.update(this.#table, this.#traffic)
    this.#instruments.connections.observe(() => this.#traffic.now('visitors', 'FRONTEND', 'scur'))
    this.#tls = this.#config.tls.enabled
      ? new HaproxyTls({
          config: this.#config,
          logger: this.#logger,
          instruments: this.#instruments,
          apply: () => this.reload(),
        })
      : undefined
    if (httpCache !== undefined) {
      this.#logger.warn('the engine haproxy has no HTTP cache: everything is forwarded')
      void httpCache.close()
    }
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
      render: () => this.#render(),
      started: () => this.#started(),
      leaving: () => this.#look().catch(() => undefined),
      onLine: (line) => this.#observation.line(line),
      onChange: () => this.#options.changed?.(),
    })
    await supervised.endFormer()
    if (!(await isPortFree(port, host))) throw refuse('the port is taken')
    const tlsPort = this.#tls && (await this.#freeTlsPort(host))
    this.#process = supervised
    const { threads, observeEvery } = this.#options
    const given = {
      host,
      port,
      threads,
      observeEvery: this.#observeEvery(observeEvery),
      ...(tlsPort === undefined ? {} : { tlsPort }),
    }
    this.#place = placeIn(supervised.directory, given, this.#config)
    try {
      await supervised.start()
    } catch (error) {
      await this.close({ deadlineMs: 0 })
      if (error instanceof MillraceError && error.code.startsWith('GATEWAY_')) throw error
      throw refuse([(error as Error).message, ...supervised.lastLines().slice(-3)].join(' '), error)
    }
    this.#address = { host, port, ...(tlsPort === undefined ? {} : { tls: { host, port: tlsPort } }) }
    const { tickets } = this.#place.files
    const stop = [
      ...(this.#tls === undefined
        ? []
        : [this.#clock.every(RING_ROTATION_MS, () => void this.#rotate(tickets).catch(() => undefined))]),
      this.#clock.every(LOOK_MS, () => void this.#look().catch(() => undefined)),
      this.#clock.every(WATCH_MS, () => {
        if (this.#watch.active) void this.#look().catch(() => undefined)
      }),
    ]
    this.#stopLooking = () => stop.forEach((each) => each())
    return this.#address
  }

  async #freeTlsPort(host: string): Promise<number> {
    const wanted = this.#config.tls.port
    const port = wanted === 0 ? await allocatePort() : wanted
    if (!(await isPortFree(port, host)))
      throw gatewayErrors.LISTEN_FAILED({ host, port, reason: 'the port is taken' })
    return port
  }

  async #rotate(file: string): Promise<void> {
    await this.#process?.ask(this.#tls!.tickets.rotate(file))
  }

  /** What a new worker is to run with: the present table. */
  #render(): Rendered {
    const [place, drained] = [this.#place!, new Set(this.#drained)]
    const table = this.#effective()
    this.#rendered = new Running(table, this.#config, place, drained)
    const maps = liveMaps(table, this.#config, place.files, drained)
    return {
      files: {
        'gateway.lua': script(table, place.files),
        ...Object.fromEntries([...maps].map(([file, entries]) => [basename(file), mapText(entries)])),
        'documents.map': documentsMap(this.#config),
        ...this.#tls?.files(),
      },
      configuration: (socket) => renderConfiguration(table, this.#config, place, socket, drained),
    }
  }

  #effective(): GatewayTable {
    return this.#watch.effective(this.#table, this.#clock.monotonic())
  }

  async #started(): Promise<void> {
    this.#running = this.#rendered!
    for (const command of this.#running.settle()) await this.#process!.ask(command)
  }

  update(table: GatewayTable): Promise<void> {
    return this.#change(() => {
      this.#check(table)
      this.#table = table
      this.#splits.update(table)
      this.#watch.update(table, this.#traffic)
      const present = new Set(table.pools.flatMap((pool) => pool.backends.map(({ id }) => id)))
      for (const id of this.#drained) if (!present.has(id)) this.#drained.delete(id)
    })
  }

  /** One change after the other; resolves when HAProxy runs with it. */
  #change(prepare: () => void): Promise<void> {
    const changed = this.#work.then(async () => {
      prepare()
      if (this.#process === undefined || this.#closing !== undefined) return
      await this.#apply(this.#process)
    })
    this.#work = changed.catch(() => undefined)
    return changed
  }

  async #apply(process: HaproxyProcess): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (!process.ready) await process.whenReady()
      try {
        const done = await this.#running!.become(this.#effective(), this.#drained, (command) =>
          process.ask(command),
        )
        if (!done) await process.reload()
        return
      } catch (error) {
        // It ended meanwhile, and comes back with the present table.
        if (process.ready && attempt > 1) throw error
        this.#logger.warn({ err: error }, 'HAProxy did not take a change and is reloaded')
        if (process.ready) {
          await process.reload()
          return
        }
      }
    }
  }

  #known(id: string): string {
    const pool = this.#table.pools.find(({ backends }) => backends.some((backend) => backend.id === id))
    if (pool !== undefined) return pool.name
    const known = this.#table.pools.flatMap(({ backends }) => backends.map((backend) => backend.id))
    throw gatewayErrors.BACKEND_UNKNOWN({ backend: id, known })
  }

  async drain(backendId: string, timeoutMs: number): Promise<{ inFlight: number }> {
    const section = poolSection(this.#known(backendId))
    await this.#change(() => this.#drained.add(backendId))
    const deadline = this.#clock.monotonic() + timeoutMs
    for (;;) {
      await this.#look()
      const inFlight = this.#traffic.now(section, serverName(backendId), 'scur')
      if (inFlight === 0 || this.#clock.monotonic() >= deadline) return { inFlight }
      await this.#clock.sleep(POLL_MS)
    }
  }

  async undrain(backendId: string): Promise<void> {
    this.#known(backendId)
    await this.#change(() => this.#drained.delete(backendId))
  }

  /** Asks HAProxy for its numbers; who asks meanwhile gets the next. */
  async #look(): Promise<void> {
    await this.#looking
    this.#looking ??= this.#ask().finally(() => (this.#looking = undefined))
    await this.#looking
  }

  async #ask(): Promise<void> {
    if (this.#process?.ready !== true) return
    this.#traffic.update(await this.#process.statistics())
    this.#tls?.record(this.#traffic)
    if (this.#watch.active && this.#watch.look(this.#traffic, this.#clock.monotonic()))
      this.#change(() => undefined).catch((error: unknown) =>
        this.#logger.error({ err: error }, 'HAProxy was not told about a failing backend'),
      )
    for (const { name } of this.#table.pools) {
      const { retries, bytes } = this.#traffic.totals(poolSection(name), 'BACKEND')
      const noted = this.#noted.get(name)
      const { metrics } = this.#observation.pool(name)
      if (noted === undefined)
        this.#instruments.requestsInFlight.observe(
          () => this.#traffic.now(poolSection(name), 'BACKEND', 'scur'),
          {
            pool: name,
          },
        )
      if (noted === undefined)
        this.#instruments.requestsQueued.observe(() => this.#traffic.queued(poolSection(name)), {
          pool: name,
        })
      metrics.retries.add(retries - (noted?.retries ?? 0))
      metrics.responseBytes.add(bytes - (noted?.bytes ?? 0))
      this.#noted.set(name, { retries, bytes })
    }
    if (this.#closing === undefined)
      await this.#running?.removeIdle(
        this.#clock.monotonic(),
        (section, server) => this.#traffic.now(section, server, 'scur'),
        (command) => this.#process!.ask(command),
      )
  }

  async stats(): Promise<GatewayStats> {
    await this.#look()
    // What it saw is in force.
    if (this.#watch.active) await this.#work
    const splits = this.#splits.stats()
    const stats = gatewayStats(this.#table, this.#traffic, {
      balance: this.#config.balance,
      state: (section, server) => this.#running?.state(section, server) ?? 'maint',
      duration: (pool) => this.#observation.pool(pool).duration.snapshot(),
      watched: (backend) => this.#watch.state(this.#table, backend, this.#clock.monotonic()),
    })
    return {
      ...stats,
      ...(splits === undefined ? {} : { splits }),
      ...(this.#tls === undefined ? {} : { tls: this.#tls.stats(this.#traffic) }),
    }
  }

  async reloadCertificates(): Promise<readonly CertificateStats[]> {
    return this.#tls?.reload() ?? []
  }

  /** Requests in progress only, and without their paths: idle connections are none of what HAProxy lists. */
  async connections(limit: number): Promise<OpenConnections> {
    const answer = this.#process?.ready === true ? await this.#process.ask('show sess') : ''
    return parseSessions(answer, limit)
  }

  async disconnect(id: string): Promise<void> {
    const isOpen = async (): Promise<boolean> =>
      (await this.connections(Infinity)).connections.some((connection) => connection.id === id)
    if (!(await isOpen())) throw gatewayErrors.CONNECTION_UNKNOWN({ connection: id })
    // A request that has no answer yet is sent again, as after any failure, until it has no more attempts.
    for (let attempt = 0; attempt <= RETRIES && (await isOpen()); attempt++) {
      await this.#process!.ask(`shutdown session ${id}`)
      await this.#clock.sleep(POLL_MS)
    }
  }

  async purge(_what: HttpPurge): Promise<PurgeResult> {
    return { workers: 0, confirmed: 0 }
  }

  /** A new worker with the present state, without a refused or broken request. */
  reload(): Promise<void> {
    const reloaded = this.#work.then(async () => {
      if (this.#process === undefined || this.#closing !== undefined) return
      if (!this.#process.ready) await this.#process.whenReady()
      await this.#process.reload()
    })
    this.#work = reloaded.catch(() => undefined)
    return reloaded
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
    this.#stopLooking()
    this.#tls?.close()
    const supervised = this.#process
    if (supervised === undefined) return
    // The clock's pauses keep no process alive by themselves, and there are files to take away.
    const alive = setInterval(() => undefined, 60_000)
    try {
      await this.#end(supervised, deadlineMs)
      supervised.removeFiles()
    } finally {
      clearInterval(alive)
    }
  }

  async #end(supervised: HaproxyProcess, deadlineMs: number): Promise<void> {
    const ended = { is: false }
    const stopped = supervised.stop(deadlineMs).finally(() => (ended.is = true))
    // Idle visitors may send one more request for a moment, and then are not waited for.
    const lingerUntil = this.#clock.monotonic() + Math.min(this.#config.timeouts.lingerMs, deadlineMs)
    while (!ended.is) {
      await this.#clock.sleep(POLL_MS)
      if (this.#clock.monotonic() < lingerUntil) continue
      const workers = await supervised.statistics().catch(() => undefined)
      if (workers === undefined) continue
      this.#traffic.update(workers)
      if (this.#traffic.inFlight(this.#table) === 0) supervised.kill()
    }
    await stopped
  }
}

/**
 * A gateway whose requests HAProxy moves. Needs the program (Debian: `haproxy`), 2.6 or newer, with Lua: `listen` rejects with
 * GATEWAY_HAPROXY_MISSING or GATEWAY_HAPROXY_UNSUITABLE otherwise. Throws as `createGateway` does, and GATEWAY_TABLE_INVALID also
 * for what HAProxy cannot do.
 */
export const createHaproxyGateway = (options: HaproxyOptions = {}): HaproxyGateway =>
  new HaproxyGateway(options)
