import { dirname } from 'node:path'
import type { EngineConfig } from '../../config.ts'
import { TICKET_ROTATION_MS } from '../../tls/ticket-keys.ts'
import type { GatewayTable } from '../driver.ts'
import { balanceLines, balanceOf } from './balance.ts'
import { limitSections } from './limits.ts'
import { LOG_FORMAT } from './log-line.ts'
import { poolSection, quote } from './quote.ts'
import { requestRules } from './request-rules.ts'
import { OWN_STATUSES, replyWith } from './response-documents.ts'
import { responseRules } from './response-rules.ts'
import { routeKinds } from './routes-map.ts'
import { script } from './script.ts'
import { secureBind } from './secure-bind.ts'
import { serverLine, serversOf } from './servers.ts'
import { byCookie } from './session-keys.ts'

/** Files that the configuration names. */
export interface Files {
  script: string
  routes: string
  splits: string
  sessions: string
  documents: string
  certificates: string
  tickets: string
}

/** Everything beside routes and settings that the configuration depends on. */
export interface Place {
  host: string
  port: number
  /** The port for TLS; undefined: there is none. */
  tlsPort?: number
  threads: number
  /** Visitors' connections that there are descriptors for. */
  connections: number
  files: Files
  user?: { uid: number; gid: number }
  /** Of how many requests one is written down, for metrics. 1: each, as the access log needs. */
  observeEvery: number
}

/** Connections beyond the maximum are accepted to be refused; some more are those of the runtime API. */
const SPARE_CONNECTIONS = 64
/** How long a process of before a reload may go on answering and tunnelling. */
const FORMER_WORKERS_MS = 3_600_000
const FORMER_WORKERS = 30

const indent = (lines: readonly string[]): string => lines.map((line) => `  ${line}\n`).join('')
const section = (title: string, lines: readonly string[]): string => `${title}\n${indent(lines)}\n`

/** HTTP/2 and TLS towards visitors. */
const secureSettings = ({ tls, limits }: EngineConfig, { files }: Place): string[] =>
  tls.enabled
    ? [
        `crt-base ${quote(dirname(files.certificates), 'directory')}`,
        `tune.ssl.lifetime ${TICKET_ROTATION_MS / 1_000}`,
        `tune.h2.max-concurrent-streams ${limits.streams}`,
        // WebSockets come by HTTP/1.1, as to the engine `node`.
        'h2-workaround-bogus-websocket-clients',
      ]
    : []

function globalSection(config: EngineConfig, place: Place, statsSocket: string): string {
  const { limits } = config
  const { user, files } = place
  return section('global', [
    `nbthread ${place.threads}`,
    `maxconn ${place.connections + SPARE_CONNECTIONS}`,
    `stats socket ${quote(statsSocket, 'directory')} mode 600 level admin expose-fd listeners`,
    `hard-stop-after ${FORMER_WORKERS_MS}ms`,
    `mworker-max-reloads ${FORMER_WORKERS}`,
    'log stdout len 4096 format raw daemon info',
    ...(user === undefined ? [] : [`uid ${user.uid}`, `gid ${user.gid}`]),
    // A request's headers must fit into it with what is added to them. A response's as well: see the README.
    `tune.bufsize ${Math.max(16_384, limits.headerBytes + 16_384)}`,
    'tune.maxrewrite 4096',
    `tune.http.maxhdr ${Math.min(32_767, Math.max(256, limits.headerCount * 2))}`,
    `lua-load-per-thread ${quote(files.script, 'directory')}`,
    ...secureSettings(config, place),
  ])
}

function defaultsSection(config: EngineConfig, place: Place): string {
  const { timeouts } = config
  const map = quote(place.files.documents, 'directory')
  return section('defaults', [
    'mode http',
    'log global',
    `log-format ${LOG_FORMAT}`,
    'option dontlognull',
    'option abortonclose',
    'option idle-close-on-response',
    'http-reuse always',
    'retries 2',
    'option redispatch 1',
    'retry-on conn-failure empty-response',
    `timeout http-request ${timeouts.headersMs}ms`,
    `timeout http-keep-alive ${timeouts.keepAliveMs}ms`,
    // Without a byte of the request's body, or without the visitor reading.
    `timeout client ${Math.min(timeouts.idleMs, timeouts.requestMs)}ms`,
    `timeout client-fin ${timeouts.idleMs}ms`,
    `timeout connect ${timeouts.connectMs}ms`,
    `timeout server ${timeouts.responseMs}ms`,
    `timeout queue ${timeouts.queueMs}ms`,
    `timeout tunnel ${timeouts.tunnelIdleMs}ms`,
    ...OWN_STATUSES.map((status) => `http-error ${replyWith(status, map, config)}`),
  ])
}

/** Connections of one address, IPv6 by /64. */
function perClient({ limits: { clientConnections } }: EngineConfig): string[] {
  if (clientConnections === undefined) return []
  return [
    'stick-table type ipv6 size 200k expire 10m store conn_cur',
    'tcp-request connection track-sc0 src,ipmask(32,64)',
    `tcp-request connection reject if { sc0_conn_cur gt ${clientConnections} }`,
  ]
}

/** Requests of splits are written down all the same: the script says so. */
const sampling = (table: GatewayTable, observeEvery: number): string[] =>
  routeKinds(table).splits
    ? [
        `http-request set-var(txn.unseen) bool(true) unless { rand(${observeEvery}) eq 0 }`,
        'http-request set-log-level silent if { var(txn.unseen) -m found }',
      ]
    : [`http-request set-log-level silent unless { rand(${observeEvery}) eq 0 }`]

function visitorsSection(table: GatewayTable, config: EngineConfig, place: Place): string {
  const { port, tlsPort, connections, observeEvery, files } = place
  const { tls } = config
  const bind = (at: number): string => {
    const host = place.host.includes(':') ? `[${place.host}]` : place.host
    return `bind ${quote(`${host}:${at}`, 'host')} backlog 1024`
  }
  return section('frontend visitors', [
    bind(port),
    ...(tlsPort === undefined
      ? []
      : [`${bind(tlsPort)} ${secureBind(tls, files.certificates, files.tickets)}`]),
    `maxconn ${connections + SPARE_CONNECTIONS / 2}`,
    `tcp-request connection reject if { fe_conn gt ${connections} }`,
    ...perClient(config),
    ...(observeEvery > 1
      ? sampling(table, observeEvery)
      : ['http-request capture req.fhdr(host) len 256', 'http-request capture req.fhdr(user-agent) len 512']),
    ...requestRules(table, config, place),
    ...responseRules(table, config),
    'use_backend %[var(txn.route),field(1,;)]',
  ])
}

/** A pool without its servers: what cannot change while HAProxy runs. */
function poolLines(pool: GatewayTable['pools'][number], config: EngineConfig): string[] {
  const { limits, timeouts } = config
  const name = poolSection(pool.name)
  const full =
    limits.queue > 0
      ? `{ queue(${name}) ge ${limits.queue} }`
      : `{ be_conn_free(${name}) lt 1 } { nbsrv gt 0 }`
  return [
    ...balanceLines(balanceOf(pool, config))!,
    `http-request set-var(txn.more) str(!) if ${full}`,
    `http-request deny deny_status 503 if { var(txn.more) -m found }`,
    // Events may be further apart than an answer may take.
    `http-request set-timeout server ${timeouts.idleMs}ms if { req.hdr(accept) -m sub text/event-stream }`,
    `http-request lua.await_backend ${name} ${timeouts.queueMs} if { nbsrv lt 1 } !{ stopping }`,
    ...(byCookie(pool)
      ? [
          `http-request lua.session ${name}`,
          'use-server %[var(txn.server)] if { var(txn.server) -m found }',
          `http-response lua.settle ${name}`,
        ]
      : []),
  ]
}

/** What must be the same for a change to need no reload; servers and routes are the rest. */
export function renderSkeleton(table: GatewayTable, config: EngineConfig, place: Place): string {
  const pools = [...table.pools].sort((a, b) => (a.name < b.name ? -1 : 1))
  return [
    defaultsSection(config, place),
    visitorsSection(table, config, place),
    ...limitSections(table).map(({ title, lines }) => section(title, lines)),
    ...pools.map((pool) => section(`backend ${poolSection(pool.name)}`, poolLines(pool, config))),
    script(table, place.files),
  ].join('')
}

/** The whole file. Pure; throws GATEWAY_HAPROXY_VALUE_INVALID for what no quoting carries. */
export function renderConfiguration(
  table: GatewayTable,
  config: EngineConfig,
  place: Place,
  statsSocket: string,
  drained: ReadonlySet<string> = new Set(),
): string {
  return [
    globalSection(config, place, statsSocket),
    defaultsSection(config, place),
    visitorsSection(table, config, place),
    ...limitSections(table).map(({ title, lines }) => section(title, lines)),
    ...table.pools.map((pool) =>
      section(`backend ${poolSection(pool.name)}`, [
        ...poolLines(pool, config),
        ...serversOf(pool, config, drained).map((server) => serverLine(server, config)),
      ]),
    ),
  ].join('')
}
