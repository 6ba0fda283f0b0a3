import { isIP } from 'node:net'
import type { EngineConfig } from '../../config.ts'
import type { BackendEntry, BackendState, PoolEntry } from '../driver.ts'
import { wholeWeights } from './balance.ts'
import { quote, serverName } from './quote.ts'

/** A backend as HAProxy has it. */
export interface Server {
  name: string
  host: string
  port: number
  secure: boolean
  http2: boolean
  weight: number
  maxConnections: number
  /** So many answers of 500 and more in a row take it out. */
  errorLimit: number | undefined
  /** What of it may get requests: `ready`, or `drain` for what was told to finish, or `maint` for what is down. */
  state: 'ready' | 'drain' | 'maint'
}

const STATES: Record<BackendState, Server['state']> = { up: 'ready', draining: 'drain', down: 'maint' }

export function serversOf(pool: PoolEntry, config: EngineConfig, drained: ReadonlySet<string>): Server[] {
  const weights = wholeWeights(pool.backends.map(({ weight }) => weight ?? 1))
  return pool.backends.map((backend: BackendEntry, index): Server => ({
    name: serverName(backend.id),
    host: backend.host,
    port: backend.port,
    secure: backend.protocol === 'https',
    http2: pool.protocol === 'http2',
    weight: weights[index]!,
    maxConnections: backend.maxConnections ?? config.limits.backendConnections,
    errorLimit: pool.outlier?.serverErrors === true ? pool.outlier.consecutiveFailures : undefined,
    state: drained.has(backend.id) ? 'drain' : STATES[backend.state ?? 'up'],
  }))
}

export const serverAddress = ({ host, port }: Pick<Server, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Whether it can be added while HAProxy runs: names are resolved at its start only. */
export const isDynamic = (server: Server): boolean => isIP(server.host) !== 0 && !server.secure

/**
 * One that cannot be connected to gets nothing for a moment, until a connection can be made again. That this is looked at while
 * all is well is a condition of HAProxy's for the rest; whether a backend is healthy, the supervisor says.
 */
const ejection = ({ errorLimit }: Server): string =>
  `check inter 10s fastinter 250ms downinter 250ms rise 1 fall 1 observe ${errorLimit === undefined ? 'layer4 error-limit 1' : `layer7 error-limit ${errorLimit}`} on-error mark-down`

/** The line of a server, of the file and of `add server` alike; the latter begins in maintenance by itself. */
export function serverParameters(server: Server, config: EngineConfig): string {
  const { host, secure, http2 } = server
  const tls = secure
    ? ` ssl verify required ca-file @system-ca verifyhost ${quote(host, 'host')}${isIP(host) === 0 ? ` sni str(${quote(host, 'host')})` : ''} alpn ${http2 ? 'h2' : 'http/1.1'}`
    : ''
  return (
    `${serverAddress(server)} weight ${server.weight} maxconn ${server.maxConnections} ` +
    `pool-purge-delay ${config.timeouts.backendKeepAliveMs}ms ${ejection(server)}${tls}${http2 ? ' proto h2' : ''}`
  )
}

/** A fresh process has nothing to finish, so whatever gets no requests is in maintenance. */
export const serverLine = (server: Server, config: EngineConfig): string =>
  `server ${server.name} ${serverParameters(server, config)}${isIP(server.host) === 0 ? ' init-addr last,libc,none' : ''}${server.state === 'ready' ? '' : ' disabled'}`
