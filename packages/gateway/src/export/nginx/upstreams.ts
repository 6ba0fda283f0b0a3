import { isIP } from 'node:net'
import type { EngineConfig } from '../../config.ts'
import type { BackendEntry, GatewayTable, PoolEntry } from '../../drivers/driver.ts'
import { oneLine, type Omissions } from '../model.ts'
import { encodeName } from './quote.ts'

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/
const MAX_WEIGHT = 65_535
/** NGINX keeps 160 points for each unit of weight, and sorts them at its start. */
const MAX_HASHED_WEIGHT = 100
const KEEPALIVE = 64

export interface Upstream {
  name: string
  scheme: 'http' | 'https'
  /** For certificates, where `scheme` is https. */
  serverName: string
  block: string
}

/**
 * NGINX's weights are whole numbers. Those that are not, or are above `most`, are brought to a scale on which the largest has
 * at most that.
 */
export function wholeWeights(weights: readonly number[], most = MAX_WEIGHT): number[] {
  if (weights.every((weight) => Number.isInteger(weight) && weight <= most)) return [...weights]
  const scale = Math.min(100, most / Math.max(...weights))
  return weights.map((weight) => Math.max(1, Math.round(weight * scale)))
}

function balanceLine(pool: PoolEntry, config: EngineConfig, omissions: Omissions): string[] {
  const where = `pool '${pool.name}'`
  if (pool.sticky?.kind === 'ip') return ['hash $millrace_client consistent;']
  switch (pool.balance ?? config.balance) {
    case 'least-connections':
      return ['least_conn;']
    case 'ip-hash':
      return ['hash $millrace_client consistent;']
    case 'two-choices':
      return ['random two least_conn;']
    case 'least-response-time':
      omissions.add(
        where,
        'balance least-response-time',
        'only NGINX Plus has it; here: random two least_conn',
      )
      return ['random two least_conn;']
    default:
      return []
  }
}

function failures({ name, outlier, breaker, rateLimit, sticky }: PoolEntry, omissions: Omissions): string {
  const where = `pool '${name}'`
  if (breaker !== undefined) omissions.add(where, 'breaker', 'NGINX has no circuit breaker')
  if (rateLimit !== undefined) omissions.add(where, 'rateLimit', 'NGINX limits no requests per backend')
  if (sticky?.kind === 'cookie')
    omissions.add(where, 'sticky cookie', 'only NGINX Plus sets one; visitors change backends')
  if (outlier === undefined) return 'max_fails=1 fail_timeout=1s'
  if (outlier.serverErrors === true)
    omissions.add(where, 'outlier.serverErrors', 'NGINX counts a 5xx only where it also retries it')
  omissions.add(where, 'outlier.maxEjectedShare', 'NGINX leaves any number of backends out, but not the last')
  const seconds = Math.max(1, Math.ceil(outlier.baseEjectMs / 1_000))
  return `max_fails=${outlier.consecutiveFailures} fail_timeout=${seconds}s`
}

/** Those that can be named in an upstream, of one protocol. */
function usable(pool: PoolEntry, omissions: Omissions): BackendEntry[] {
  const scheme = pool.backends[0]?.protocol ?? 'http'
  return pool.backends.filter(({ id, host, protocol = 'http' }) => {
    const where = `backend '${id}'`
    if (host.includes('%') || (isIP(host) === 0 && !HOST_NAME.test(host)))
      omissions.add(where, 'host', 'NGINX has no name or address of this form; the backend is left out')
    else if (protocol !== scheme)
      omissions.add(where, `protocol ${protocol}`, 'an upstream has one protocol; the backend is left out')
    else return true
    return false
  })
}

/** A pool; undefined: it has no backend, and NGINX allows none such. */
export function upstreamOf(
  pool: PoolEntry,
  config: EngineConfig,
  omissions: Omissions,
): Upstream | undefined {
  const backends = usable(pool, omissions)
  const fails = failures(pool, omissions)
  const balance = balanceLine(pool, config, omissions)
  if (pool.cache !== false && config.cache.enabled)
    omissions.add('settings', 'cache', 'the HTTP cache is not exported; see proxy_cache')
  if (backends.length === 0) return undefined
  const hashed = balance.some((line) => line.startsWith('hash '))
  const given = backends.map(({ weight = 1 }) => weight)
  const weights = wholeWeights(given, hashed ? MAX_HASHED_WEIGHT : MAX_WEIGHT)
  if (weights.some((weight, at) => weight * given[0]! !== given[at]! * weights[0]!))
    omissions.add(`pool '${pool.name}'`, 'weights', 'NGINX has whole numbers: shares are rounded')
  const name = `millrace_${encodeName(pool.name)}`
  const servers = backends.map(({ id, host, port, maxConnections, state }, at) => {
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const connections = maxConnections ?? config.limits.backendConnections
    const draining = state === 'draining' ? ' down' : ''
    const weight = weights[at] === 1 ? '' : ` weight=${weights[at]}`
    const note = `${id}${state === undefined || state === 'up' ? '' : `, ${state} when this was made`}`
    return `    server ${address}${weight} max_conns=${connections} ${fails}${draining}; # ${oneLine(note)}`
  })
  return {
    name,
    scheme: backends[0]!.protocol ?? 'http',
    serverName: backends[0]!.host,
    block: [
      `upstream ${name} { # ${oneLine(pool.name)}`,
      `    zone ${name} 256k;`,
      ...balance.map((line) => `    ${line}`),
      ...servers,
      `    keepalive ${KEEPALIVE};`,
      `    keepalive_timeout ${config.timeouts.backendKeepAliveMs}ms;`,
      '}',
    ].join('\n'),
  }
}

export function upstreamsOf(
  { pools }: GatewayTable,
  config: EngineConfig,
  omissions: Omissions,
): Map<string, Upstream> {
  const found = new Map<string, Upstream>()
  for (const pool of pools) {
    const upstream = upstreamOf(pool, config, omissions)
    if (upstream !== undefined) found.set(pool.name, upstream)
  }
  return found
}
