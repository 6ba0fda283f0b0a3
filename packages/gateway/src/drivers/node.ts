import type { Server as NetServer } from 'node:net'
import { silentLogger, type HttpCache, type HttpPurge, type Logger } from '@millrace/core'
import { createInstruments, MetricRegistry } from '@millrace/core/metrics'
import { ownCookies } from '../affinity/own-cookies.ts'
import { Caching } from '../caching/caching.ts'
import { engineConfig, type EngineConfig, type EngineOptions } from '../config.ts'
import type { OpenConnections } from '../connections-view/model.ts'
import { closeConnection, listConnections } from '../connections-view/open-connections.ts'
import { gatewayErrors } from '../errors.ts'
import { limitConnections, limitTogether } from '../limits/connection-limit.ts'
import { RouteLimits } from '../limits/route-limits.ts'
import { gatewayMetrics } from '../metrics.ts'
import type { Backend } from '../pools/backend.ts'
import { PoolMetrics, type GatewayInstruments } from '../pools/pool-metrics.ts'
import { BackendPool } from '../pools/pool.ts'
import { Connections } from '../proxy/connections.ts'
import { openFilesLimit, visitorsWithin } from '../proxy/descriptor-limit.ts'
import type { ProxyContext } from '../proxy/proxy-context.ts'
import { RequestHandler } from '../proxy/request-handler.ts'
import { compileTrustedProxies } from '../proxy/trusted-proxies.ts'
import { CountryDatabase, countryOf, type CountrySources } from '../routing/countries.ts'
import { checkRegionsConfigured, linkRegions } from '../regions/link-pools.ts'
import { createRegions } from '../regions/regions.ts'
import { explain } from '../routing/explain.ts'
import type { Explanation, ExplainRequest } from '../routing/explain-model.ts'
import { Router } from '../routing/router.ts'
import { Mirrors } from '../splitting/mirror.ts'
import { SplitRecords } from '../splitting/split-records.ts'
import { SecureVisitors } from '../tls/secure-visitors.ts'
import { hstsValue } from '../tls/hsts.ts'
import { checkTable } from './check-table.ts'
import { listenOn } from './listen-on.ts'
import { createVisitorListener } from '../wire/visitor-listener.ts'
import { createVisitorServer } from './visitor-server.ts'
import type {
  CertificateStats,
  GatewayEngine,
  GatewayStats,
  GatewayTable,
  ListenAddress,
  PurgeResult,
} from './driver.ts'

export interface GatewayOptions extends EngineOptions, Partial<GatewayTable> {
  /** Default `127.0.0.1`. */
  host?: string
  /** 0: a free one. Default 0. */
  port?: number
  /** Over how many processes `limits.backendConnections` is shared out. Default 1. */
  processes?: number
  logger?: Logger
  /** One line per request. Default: none. */
  accessLog?: Logger
  /** Default: one of its own. */
  registry?: MetricRegistry
  /** Closed with the gateway. Default: none, and everything is forwarded. */
  httpCache?: HttpCache
  /** 48 bytes that tickets of TLS sessions are encrypted with, by a supervisor that renews them. Default: its own. */
  ticketKeys?: Buffer
  /** Called when an application's answer purges, for other processes with caches of their own. Default: there are none. */
  onPurge?: (what: HttpPurge) => void
}

/** The engine `node`: node:http towards visitors, undici towards backends, in this process. */
export class NodeGateway implements GatewayEngine {
  readonly #config: EngineConfig
  readonly #context: ProxyContext
  readonly #server: NetServer
  readonly #secure: SecureVisitors | undefined
  readonly #connections: Connections
  readonly #handler: RequestHandler
  readonly #instruments: GatewayInstruments
  readonly #pools = new Map<string, BackendPool>()
  readonly #options: GatewayOptions
  #closing: Promise<void> | undefined

  constructor(options: GatewayOptions) {
    const {
      host: _h,
      port: _p,
      processes: _n,
      logger,
      accessLog,
      registry,
      httpCache,
      onPurge,
      ticketKeys: _t,
      routes,
      pools,
      ...engine
    } = options
    this.#options = options
    this.#config = engineConfig.parse(engine)
    this.#instruments = createInstruments(registry ?? new MetricRegistry(), 'gateway', gatewayMetrics)
    const policy = {
      trusted: compileTrustedProxies(this.#config.trustedProxies),
      via: this.#config.via,
      traceSampleRatio: this.#config.traceSampleRatio,
    }
    const countries = this.#countrySources()
    this.#context = {
      config: this.#config,
      policy,
      routeLimits: new RouteLimits(policy, this.#options.processes ?? 1),
      logger: logger ?? silentLogger,
      accessLog,
      caching:
        httpCache === undefined || !this.#config.cache.enabled
          ? undefined
          : new Caching(httpCache, this.#config, logger ?? silentLogger, onPurge),
      splits: new SplitRecords(this.#instruments),
      mirrors: new Mirrors(this.#instruments),
      countries,
      redirectPort: undefined,
      hsts: hstsValue(this.#config.tls),
      ownCookies: undefined,
      regions: createRegions(this.#config.regions, {
        pools: () => this.#pools.values(),
        policy,
        countries,
        instruments: this.#instruments,
        queue: this.#config.limits.queue,
      }),
      draining: false,
    }
    this.#handler = new RequestHandler(this.#context)
    this.#server =
      this.#config.http1 === 'strict'
        ? createVisitorListener(this.#context, this.#handler)
        : createVisitorServer(this.#context, this.#handler)
    this.#connections = new Connections(this.#server)
    this.#secure = this.#config.tls.enabled ? this.#createSecure() : undefined
    this.#limitConnections()
    this.#instruments.connections.observe(() => this.#connections.size)
    this.#observeCache()
    this.#apply({ routes: routes ?? [], pools: pools ?? [] })
  }

  #createSecure(): SecureVisitors {
    const secure = new SecureVisitors({
      context: this.#context,
      handler: this.#handler,
      instruments: this.#instruments,
      connections: this.#connections,
      ticketKeys: this.#options.ticketKeys,
    })
    // The other port counts its own, and they share the descriptors.
    const limit = Math.min(this.#config.limits.connections, visitorsWithin(openFilesLimit()))
    limitTogether([this.#server, secure.server], limit, () => this.#connections.size)
    return secure
  }

  #limitConnections(): void {
    const { clientConnections } = this.#config.limits
    if (clientConnections === undefined) return
    const limit = Math.max(1, Math.floor(clientConnections / (this.#options.processes ?? 1)))
    const refused = (): void => this.#instruments.connectionsRefused.add()
    const servers = this.#secure === undefined ? [this.#server] : [this.#server, this.#secure.server]
    limitConnections(servers, limit, this.#context.policy.trusted, refused)
  }

  #countrySources(): CountrySources | undefined {
    const { trustedProxies, geography } = this.#config
    const { countryHeader, database } = geography
    if (countryHeader === undefined && database === undefined) return undefined
    return {
      header: countryHeader?.toLowerCase(),
      database:
        database === undefined
          ? undefined
          : new CountryDatabase(database, this.#options.logger ?? silentLogger),
      trusted: compileTrustedProxies(trustedProxies),
    }
  }

  #observeCache(): void {
    const { caching } = this.#context
    if (caching === undefined) return
    this.#instruments.cacheEntries.observe(() => caching.stats().entries)
    this.#instruments.cacheSize.observe(() => {
      const { bytes, encodedBytes } = caching.stats()
      return bytes + encodedBytes
    })
  }

  async listen(): Promise<ListenAddress> {
    const { host = '127.0.0.1', port = 0 } = this.#options
    const own = await listenOn(this.#server, host, port, this.#context.logger)
    if (this.#secure === undefined) return { host, port: own }
    const { tls } = this.#config
    try {
      const secured = await listenOn(this.#secure.server, host, tls.port, this.#context.logger)
      if (tls.redirect) this.#context.redirectPort = tls.publicPort ?? secured
      return { host, port: own, tls: { host, port: secured } }
    } catch (error) {
      this.#server.close()
      throw error
    }
  }

  async update(table: GatewayTable): Promise<void> {
    this.#apply(table)
  }

  #apply(table: GatewayTable): void {
    checkTable(table)
    checkRegionsConfigured(table, this.#context.regions)
    const kept = new Set<string>()
    for (const entry of table.pools) {
      kept.add(entry.name)
      const known = this.#pools.get(entry.name)
      if (known !== undefined) known.update(entry)
      else {
        const metrics = new PoolMetrics(entry.name, this.#instruments)
        const pool = new BackendPool(
          entry,
          this.#config,
          this.#options.processes ?? 1,
          metrics,
          this.#context.logger,
        )
        this.#pools.set(entry.name, pool)
        // By name: an instrument lasts, and a pool that was removed must not stay because of it.
        const { name } = entry
        this.#instruments.requestsInFlight.observe(() => this.#pools.get(name)?.inFlight ?? 0, { pool: name })
        this.#instruments.requestsQueued.observe(() => this.#pools.get(name)?.queued ?? 0, { pool: name })
      }
    }
    this.#context.ownCookies = ownCookies(table)
    linkRegions(table, this.#pools, this.#context.regions)
    this.#context.splits.update(table)
    this.#context.routeLimits.update(table)
    const { countries, regions } = this.#context
    this.#handler.router = new Router(
      table.routes,
      (name) => this.#pools.get(name)!,
      countries && ((request) => regions?.countryOf(request) ?? countryOf(countries, request)),
    )
    for (const [name, pool] of this.#pools) {
      if (kept.has(name)) continue
      // Its backends finish what they have; nothing is routed there any more.
      pool.update({ name, backends: [] })
      this.#pools.delete(name)
    }
  }

  #find(id: string): { pool: BackendPool; backend: Backend } {
    for (const pool of this.#pools.values()) {
      const backend = pool.backends.get(id)
      if (backend !== undefined) return { pool, backend }
    }
    const known = [...this.#pools.values()].flatMap((pool) => [...pool.backends.keys()])
    throw gatewayErrors.BACKEND_UNKNOWN({ backend: id, known })
  }

  async drain(backendId: string, timeoutMs: number): Promise<{ inFlight: number }> {
    const { pool, backend } = this.#find(backendId)
    backend.drained = true
    pool.refresh()
    await backend.idle(timeoutMs)
    return { inFlight: backend.inFlight }
  }

  async undrain(backendId: string): Promise<void> {
    const { pool, backend } = this.#find(backendId)
    backend.drained = false
    pool.refresh()
  }

  async explain(request: ExplainRequest): Promise<Explanation> {
    return explain(request, this.#handler.router, this.#context)
  }

  async connections(limit: number): Promise<OpenConnections> {
    return listConnections(this.#connections, limit)
  }

  async disconnect(id: string): Promise<void> {
    if (!closeConnection(this.#connections, id)) throw gatewayErrors.CONNECTION_UNKNOWN({ connection: id })
  }

  async stats(): Promise<GatewayStats> {
    const pools = [...this.#pools.values()].map((pool) => pool.stats())
    const splits = this.#context.splits.stats()
    return {
      connections: this.#connections.size,
      inFlight: pools.reduce((sum, pool) => sum + pool.inFlight, 0),
      requests: pools.reduce((sum, pool) => sum + pool.requests, 0),
      pools,
      ...(this.#context.caching === undefined ? {} : { cache: this.#context.caching.stats() }),
      ...(splits === undefined ? {} : { splits }),
      ...(this.#secure === undefined ? {} : { tls: this.#secure.stats() }),
    }
  }

  async reloadCertificates(): Promise<readonly CertificateStats[]> {
    return this.#secure?.reload() ?? []
  }

  /** From a supervisor: what the tickets of all its workers are encrypted with from now on. */
  setTicketKeys(keys: Buffer): void {
    this.#secure?.setTicketKeys(keys)
  }

  async purge(what: HttpPurge): Promise<PurgeResult> {
    const { caching } = this.#context
    if (caching === undefined) return { workers: 0, confirmed: 0 }
    await caching.purge(what)
    return { workers: 1, confirmed: 1 }
  }

  close(options: { deadlineMs?: number } = {}): Promise<void> {
    this.#closing ??= (async () => {
      this.#context.draining = true
      await this.#connections.drain(this.#config.timeouts.lingerMs, options.deadlineMs ?? 30_000)
      await Promise.all([...this.#pools.values()].map((pool) => pool.close()))
      this.#context.caching?.close()
      this.#context.countries?.database?.close()
      this.#secure?.close()
      await this.#options.httpCache?.close()
    })()
    return this.#closing
  }
}

/**
 * A gateway in this process: `const gateway = createGateway({ routes, pools }); await gateway.listen()`.
 * Throws GATEWAY_TABLE_INVALID, GATEWAY_TRUSTED_PROXY_INVALID, GATEWAY_CERTIFICATE_INVALID, or zod's error for settings out of range.
 */
export const createGateway = (options: GatewayOptions = {}): NodeGateway => new NodeGateway(options)
