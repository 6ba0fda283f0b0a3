import type { ClusterOptions, RedisOptions, SentinelAddress } from 'ioredis'
import { backoffDelay } from '../clock/backoff.ts'
import type { RedisSettings, RedisTopology } from './settings.ts'

export interface ConnectionUse {
  /** Ends up in the connection's name, which `CLIENT LIST` shows. */
  purpose: string
  /** How long a command may block by itself (`XREAD BLOCK`), on top of the time limits. Default 0. */
  blockingMs?: number
}

/** Attempts 1, 2, 3 … of reconnecting: 50–100 ms at first, at most 2 s, which is what a fail-over may be noticed late. */
const retryDelay = (attempt: number): number =>
  backoffDelay(attempt - 1, { baseMs: 100, maxMs: 2_000, jitter: 0.5 })

interface Endpoint {
  host: string
  port: number
}

/** `host:port`, also `[::1]:6379`. */
export function parseAddress(address: string): Endpoint {
  const colon = address.lastIndexOf(':')
  return { host: unbracket(address.slice(0, colon)), port: Number(address.slice(colon + 1)) }
}

const unbracket = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host)

interface Target extends Endpoint {
  username: string | undefined
  password: string | undefined
  db: number
  tls: boolean
}

/** The single server that is meant: the address first, then the settings one by one. */
function target(settings: RedisSettings): Target {
  const { host = '127.0.0.1', port, username, password, db, tls } = settings
  if (settings.url === undefined) return { host, port, username, password, db, tls }
  const url = new URL(settings.url)
  const path = url.pathname.slice(1)
  return {
    host: url.hostname === '' ? host : unbracket(url.hostname),
    port: url.port === '' ? port : Number(url.port),
    username: url.username === '' ? username : decodeURIComponent(url.username),
    password: url.password === '' ? password : decodeURIComponent(url.password),
    db: /^\d+$/.test(path) ? Number(path) : db,
    tls: tls || url.protocol === 'rediss:',
  }
}

/** For messages: where, without credentials. */
export function describeAddress(settings: RedisSettings, topology: RedisTopology): string {
  if (topology === 'cluster') return `the Cluster of ${settings.clusterNodes!.join(', ')}`
  if (topology === 'sentinel') return `'${settings.sentinelMaster}' of ${settings.sentinels!.join(', ')}`
  const { host, port } = target(settings)
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Nothing is queued, nothing is sent twice, and nothing is waited for without a limit: the caller decides. */
function common(settings: RedisSettings, use: ConnectionUse): RedisOptions {
  const { username, password, tls } = target(settings)
  const blockingMs = use.blockingMs ?? 0
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    connectionName: `millrace:${use.purpose}`,
    connectTimeout: settings.connectTimeoutMs,
    commandTimeout: blockingMs + settings.commandTimeoutMs,
    // A server that is stopped keeps its connections open: without this the client would wait for it forever.
    socketTimeout: blockingMs + settings.commandTimeoutMs * 2,
    disconnectTimeout: 500,
    keepAlive: 10_000,
    protocol: 2,
    disableClientInfo: true,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A master that became a replica: connect anew, to find the master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  }
}

/** For a single server, and for the master that Sentinels name. */
export function singleOptions(settings: RedisSettings, use: ConnectionUse): RedisOptions {
  const { host, port, db, tls } = target(settings)
  const options: RedisOptions = {
    ...common(settings, use),
    db,
    enableOfflineQueue: false,
    retryStrategy: retryDelay,
  }
  if (settings.sentinels === undefined) return { ...options, host, port }
  return {
    ...options,
    sentinels: settings.sentinels.map((address): Partial<SentinelAddress> => parseAddress(address)),
    name: settings.sentinelMaster,
    ...(settings.sentinelPassword === undefined ? {} : { sentinelPassword: settings.sentinelPassword }),
    ...(tls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
    sentinelCommandTimeout: settings.commandTimeoutMs,
    sentinelRetryStrategy: retryDelay,
  }
}

/** MOVED and ASK are followed at once, this often; a key that is elsewhere still is an error. */
const MAX_REDIRECTIONS = 5
/** What no command and no lost connection told of is found within this time. */
const SLOTS_REFRESH_MS = 10_000

export function clusterOptions(settings: RedisSettings, use: ConnectionUse): ClusterOptions {
  const { tls } = target(settings)
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    maxRedirections: MAX_REDIRECTIONS,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 10,
    slotsRefreshTimeout: settings.connectTimeoutMs,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    // Certificates name hosts, not addresses.
    ...(tls ? { dnsLookup: (host, found) => found(null, host) } : {}),
    redisOptions: common(settings, use),
  }
}

export const clusterEndpoints = (settings: RedisSettings): Endpoint[] =>
  settings.clusterNodes!.map(parseAddress)
