import type { ApplicationConfig, ApplicationRoute, HostPorts, Instance, PlatformConfig } from '@millrace/core'
import type { GatewayConfig } from '../config.ts'
import type { BackendEntry, GatewayTable, Mirror, PoolEntry, RouteEntry, Split } from '../drivers/driver.ts'
import { gatewayErrors } from '../errors.ts'
import { preferred } from '../discovery/priority.ts'
import { barePrefix } from '../routing/router.ts'
import { poolSettings } from './pool-settings.ts'
import type { HealthSettings } from '../health/health-monitor.ts'

const DEFAULT_HEALTH: HealthSettings = {
  path: undefined,
  intervalMs: 10_000,
  timeoutMs: 5_000,
  unhealthyAfter: 3,
  healthyAfter: 2,
}

/** An application's own settings; where it kept the platform's default, the gateway's. */
export function healthSettings(
  config: GatewayConfig,
  application: ApplicationConfig | undefined,
): HealthSettings {
  const own = { ...DEFAULT_HEALTH, ...application?.health }
  const { health } = config
  return {
    ...own,
    cwd: application?.cwd,
    path: own.path ?? (application === undefined || own.command !== undefined ? undefined : health.path),
    intervalMs:
      own.intervalMs === DEFAULT_HEALTH.intervalMs ? (health.intervalMs ?? own.intervalMs) : own.intervalMs,
    timeoutMs:
      own.timeoutMs === DEFAULT_HEALTH.timeoutMs ? (health.timeoutMs ?? own.timeoutMs) : own.timeoutMs,
  }
}

/** Which `host:port` of the configured upstreams speak TLS. Throws GATEWAY_UPSTREAM_INVALID. */
function secureUpstreams(platform: PlatformConfig): Set<string> {
  const secure = new Set<string>()
  for (const [application, { upstreams }] of Object.entries(platform.applications)) {
    for (const address of upstreams ?? []) {
      const url = new URL(address)
      const refuse = (reason: string) => gatewayErrors.UPSTREAM_INVALID({ application, address, reason })
      if (url.pathname !== '/' || url.search !== '')
        throw refuse('has a path; give the origin and use `routes`')
      if (url.username !== '' || url.password !== '')
        throw refuse('has credentials, which cannot be forwarded')
      if (url.protocol === 'https:') {
        secure.add(`${url.hostname.replace(/^\[|\]$/g, '')}:${url.port === '' ? 443 : url.port}`)
      }
    }
  }
  return secure
}

function routeEntry(pool: string, { path, split, mirror, ...route }: ApplicationRoute): RouteEntry {
  return {
    ...Object.fromEntries(Object.entries(route).filter(([, value]) => value !== undefined)),
    prefix: path,
    pool,
    ...(split === undefined ? {} : { split: splitOf(split) }),
    ...(mirror === undefined ? {} : { mirror: mirrorOf(mirror) }),
  }
}

const splitOf = ({ name, kind, cookie, parts }: NonNullable<ApplicationRoute['split']>): Split => ({
  name,
  kind,
  ...(cookie === undefined ? {} : { cookie }),
  parts: parts.map(({ application, share }) => ({ pool: application, share })),
})

const mirrorOf = ({
  application,
  share,
  maxBodyBytes,
  methods,
}: NonNullable<ApplicationRoute['mirror']>): Mirror => ({
  pool: application,
  share,
  maxBodyBytes,
  ...(methods === undefined ? {} : { methods }),
})

/** A place in the table: internal services have no conditions. */
const placeOf = (host: string | undefined, prefix: string): string =>
  `${host?.toLowerCase() ?? ''} ${barePrefix(prefix)}`

/** Routes of the applications: their own, or everything for the only one. */
export function applicationRoutes(platform: PlatformConfig): RouteEntry[] {
  const applications = Object.entries(platform.applications)
  return applications.flatMap(([pool, { routes, rateLimit }]): RouteEntry[] => {
    const limit = rateLimit === undefined ? {} : { rateLimit }
    if (routes.length === 0) return applications.length === 1 ? [{ prefix: '/', pool, ...limit }] : []
    return routes.map((route) => ({ ...routeEntry(pool, route), ...limit }))
  })
}

/** Builds the table from what the host parts say. Instances that are neither ready nor draining are left out. */
export class TableSource {
  readonly #config: GatewayConfig
  readonly #platform: PlatformConfig
  readonly #ports: HostPorts
  readonly #secure: Set<string>

  /** What session cookies are signed with; empty where there are none. */
  readonly #secret: string

  constructor(config: GatewayConfig, platform: PlatformConfig, ports: HostPorts, secret = '') {
    this.#config = config
    this.#secret = secret
    this.#platform = platform
    this.#ports = ports
    this.#secure = secureUpstreams(platform)
  }

  instances(): Instance[] {
    return this.#ports
      .all('instances')
      .flatMap((source) => source.list())
      .filter(({ state }) => state === 'ready' || state === 'draining')
  }

  backend({ id, host, port, weight, pool, zone }: Instance): BackendEntry {
    const maxConnections = this.#platform.applications[pool]?.maxConnections
    const found = this.#platform.applications[pool]?.discover?.protocol
    const protocol = found ?? (this.#secure.has(`${host}:${port}`) ? 'https' : 'http')
    const where = zone === undefined ? {} : { zone }
    return {
      id,
      host,
      port,
      weight,
      protocol,
      ...where,
      ...(maxConnections === undefined ? {} : { maxConnections }),
    }
  }

  health(pool: string): HealthSettings {
    return healthSettings(this.#config, this.#platform.applications[pool])
  }

  /**
   * `isHealthy` is asked per instance. A prefix that an application has is not given to an internal service:
   * `conflicts` names those.
   */
  build(isHealthy: (id: string) => boolean): { table: GatewayTable; conflicts: string[] } {
    const byPool = Map.groupBy(this.instances(), ({ pool }) => pool)
    const routes = applicationRoutes(this.#platform)
    const conflicts: string[] = []
    const places = new Set(routes.map(({ host, prefix }) => placeOf(host, prefix)))
    // A host's own routes come before those of any host, and must not take its internal services from it.
    const hosts = new Set([undefined, ...routes.map(({ host }) => host?.toLowerCase())])
    for (const { prefix, pool, access } of this.#ports.routes()) {
      const services = [...hosts].filter((host) => !places.has(placeOf(host, prefix)))
      if (services.length < hosts.size) conflicts.push(prefix)
      for (const host of services) {
        routes.push({
          prefix,
          pool,
          ...(access === undefined ? {} : { access }),
          ...(host === undefined ? {} : { host }),
        })
      }
    }
    const names = new Set([
      ...Object.keys(this.#platform.applications),
      ...routes.map(({ pool }) => pool),
      ...byPool.keys(),
    ])
    const pools = [...names].map((name): PoolEntry => {
      const backends = preferred(byPool.get(name) ?? [], isHealthy).map((instance): BackendEntry => ({
        ...this.backend(instance),
        state: instance.state === 'draining' ? 'draining' : isHealthy(instance.id) ? 'up' : 'down',
      }))
      // What is Millrace's own is never cached: it says itself what may be kept, and for whom.
      const application = Object.hasOwn(this.#platform.applications, name)
      const cache = application && this.#config.cache.applications[name]?.enabled !== false
      return { name, backends, cache, ...poolSettings(this.#config, this.#platform, name, this.#secret) }
    })
    return { table: { routes, pools }, conflicts }
  }
}
