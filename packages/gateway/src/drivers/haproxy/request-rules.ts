import type { EngineConfig } from '../../config.ts'
import { FORWARDING_NAMES, CLIENT_ADDRESS_NAMES } from '../../proxy/header-names.ts'
import type { GatewayTable } from '../driver.ts'
import { quote } from './quote.ts'
import { replyWith } from './response-documents.ts'
import { limitRules } from './limits.ts'
import { routeKinds, type RouteKinds } from './routes-map.ts'
import type { Files, Place } from './configuration.ts'
import { client, country, forwarding, redirecting, secure, trusted, viaRules } from './visitor-rules.ts'

const HOST = String.raw`^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.~!$&'()*+;=%-]*)(:[0-9]{0,5})?$`
const LOCAL = String.raw`^(([A-Za-z0-9_-]+\.)*localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?$`
const REQUEST_ID = '^[A-Za-z0-9_.:/+=@-]{1,128}$'
const TRACEPARENT = '^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}'
/** Eight hexadecimal digits; cheaper than `uuid` without its hyphens. */
const RANDOM = '%[rand,hex,bytes(8,8),lower]'
const RANDOM_ID = RANDOM.repeat(4)
const IDEMPOTENT = 'GET HEAD PUT DELETE OPTIONS TRACE QUERY'

/** Which id a request has, and which trace it belongs to. The first rules: all later answers name the id. */
function identity(ratio: number | undefined): string[] {
  const rules = [
    `http-request set-var(txn.trace) req.fhdr(traceparent),field(2,-) if { req.fhdr_cnt(traceparent) 1 } { req.fhdr(traceparent) -m reg ${quote(TRACEPARENT, '')} }`,
    'http-request del-header traceparent unless { var(txn.trace) -m found }',
    'http-request del-header tracestate unless { var(txn.trace) -m found }',
  ]
  if (ratio !== undefined) {
    const made = (flags: string): string =>
      `http-request set-header traceparent '00-%[var(txn.begun)]-${RANDOM}${RANDOM}-${flags}' if { var(txn.begun) -m found }`
    const sampled = Math.round(ratio * 1e6)
    rules.push(
      `http-request set-var-fmt(txn.begun) ${RANDOM_ID} unless { var(txn.trace) -m found }`,
      made('00'),
      `${made('01')} { rand(1000000) lt ${sampled} }`,
      'http-request set-var(txn.trace) var(txn.begun) unless { var(txn.trace) -m found }',
    )
  }
  return [
    ...rules,
    `http-request set-var(txn.id) req.fhdr(x-request-id) if { req.fhdr(x-request-id) -m reg ${quote(REQUEST_ID, '')} }`,
    'http-request set-var(txn.id) var(txn.trace) unless { var(txn.id) -m found }',
    `http-request set-var-fmt(txn.id) ${RANDOM_ID} unless { var(txn.id) -m found }`,
    "http-request set-header x-request-id '%[var(txn.id)]'",
    'http-request set-var(txn.page) str(html) if { req.hdr(accept) -m sub text/html }',
  ]
}

/** What could be read in two ways, or is for other kinds of proxies. HAProxy's parser has refused much of it before. */
const FRAMING = [
  'http-request deny deny_status 405 if METH_CONNECT',
  `http-request deny deny_status 400 if { req.fhdr_cnt(host) gt 1 }`,
  `http-request deny deny_status 400 if { req.fhdr(host) -m found } !{ req.fhdr(host) -m reg ${quote(HOST, '')} }`,
  'http-request deny deny_status 400 if HTTP_1.1 { req.fhdr_cnt(host) lt 1 }',
  "http-request deny deny_status 400 if { url -m sub '#' }",
  'http-request deny deny_status 400 unless { path -m beg / }',
  'http-request deny deny_status 400 if { req.fhdr(transfer-encoding) -m found } !{ req.fhdr(transfer-encoding) -m str -i chunked }',
  'http-request deny deny_status 400 if { req.fhdr_cnt(transfer-encoding) gt 1 }',
  "http-request set-uri '%[pathq]' unless { url -m beg / }",
]

/** HTTP/2 says twice how it came; the connection knows. Before targets lose their scheme. */
const schemes = ({ tls }: EngineConfig): string[] =>
  tls.enabled && tls.http2
    ? ['http-request deny deny_status 400 if HTTP_2.0 !{ url -m beg https:// } !METH_CONNECT']
    : []

function limits(
  { limits: { headerBytes, headerCount, bodyBytes } }: EngineConfig,
  reply431: string,
): string[] {
  return [
    `http-request return ${reply431} if { req.fhdr_cnt gt ${headerCount} } || { req.len gt ${headerBytes} } { req.hdrs,length gt ${headerBytes} }`,
    `http-request deny deny_status 413 if { req.body_size gt ${bodyBytes} }`,
  ]
}

/** Headers of this connection only (RFC 9110, 7.6.1); those that `Connection` names, by script, and only if it names any. */
const HOP_BY_HOP = [
  'http-request set-var(txn.trailers) bool(true) if { req.hdr(te) -m str -i trailers }',
  'http-request lua.strip_named_request if { req.fhdr(connection) -m found } !{ req.fhdr(connection) -m str -i keep-alive close upgrade }',
  'http-request del-header keep-alive',
  'http-request del-header proxy- -m beg',
  'http-request del-header http2-settings',
  'http-request set-var(txn.upgrade) bool(true) if { req.fhdr(upgrade) -m str -i websocket } METH_GET HTTP_1.1',
  'http-request deny deny_status 400 if { var(txn.upgrade) -m bool } { req.body_size gt 0 }',
  'http-request del-header upgrade unless { var(txn.upgrade) -m bool }',
  'http-request del-header te',
  'http-request set-header te trailers if { var(txn.trailers) -m bool }',
]

/** Answered here, as the backend may not: the body is asked for, and the backend gets it without the question. */
const EXPECT = [
  'http-request wait-for-body time 10s at-least 1 if { req.fhdr(expect) -m found }',
  'http-request del-header expect',
]

/** The route's place in the map: by the exact host, then by the longest wildcard, then by any host. */
function place(files: Files, { hosts, wildcards }: RouteKinds): string[] {
  const map = `map_beg(${quote(files.routes, 'directory')})`
  const missing = '!{ var(txn.route) -m found }'
  const any = `http-request set-var(txn.route) path,concat(/),${map}`
  if (!hosts) return [any]
  return [
    String.raw`http-request set-var(txn.host) 'req.fhdr(host),lower,regsub("\.?(:[0-9]*)?$","")'`,
    'http-request unset-var(txn.host) if { var(txn.host) -m len gt 253 }',
    'http-request set-var(txn.path) path',
    `http-request set-var(txn.route) 'var(txn.host),concat(,txn.path,/)',${map} if { var(txn.host) -m len gt 0 }`,
    ...wildcards.flatMap((labels) => [
      `http-request set-var(txn.suffix) var(txn.host),field(-1,.,${labels}) if ${missing} { var(txn.host),field(-${labels + 1},.) -m len gt 0 }`,
      `http-request set-var(txn.route) 'str(*.),concat(,txn.suffix),concat(,txn.path,/)',${map} if ${missing} { var(txn.suffix) -m found }`,
      'http-request unset-var(txn.suffix)',
    ]),
    `${any} if ${missing}`,
  ]
}

function routing(files: Files, kinds: RouteKinds): string[] {
  const rules = [
    ...place(files, kinds),
    ...(kinds.conditions ? ['http-request lua.route if { var(txn.route) -m beg ? }'] : []),
    'http-request deny deny_status 404 unless { var(txn.route) -m found }',
  ]
  if (kinds.loopback) {
    rules.push(
      "acl loopback_route var(txn.route),concat(;) -m sub ';l;'",
      `acl local_host req.fhdr(host) -m reg -i ${quote(LOCAL, '')}`,
      ...[...FORWARDING_NAMES, ...CLIENT_ADDRESS_NAMES, 'via'].map(
        (name) => `acl was_forwarded req.fhdr(${name}) -m found`,
      ),
      'http-request deny deny_status 404 if loopback_route !{ src 127.0.0.0/8 ::1 }',
      'http-request deny deny_status 404 if loopback_route was_forwarded',
      'http-request deny deny_status 404 if loopback_route !local_host',
    )
  }
  return rules
}

/** The path without the route's prefix: without its first segments. After the headers of visitors are gone. */
function stripping({ depths }: RouteKinds): string[] {
  if (depths.length === 0) return []
  return [
    "acl stripped var(txn.route) -m sub ';s'",
    ...depths.flatMap((depth) => {
      const when = `if stripped { var(txn.route) -m end ;s${depth} }`
      return [
        `http-request set-header x-forwarded-prefix '%[path,field(1,/,${depth + 1})]' ${when}`,
        `http-request set-path '/%[path,field(${depth + 2},/,0)]' ${when}`,
      ]
    }),
  ]
}

/** Everything between a request's arrival and its pool, in order. */
export function requestRules(table: GatewayTable, config: EngineConfig, where: Place): string[] {
  const { files } = where
  const kinds = routeKinds(table)
  const documents = quote(files.documents, 'directory')
  return [
    ...identity(config.traceSampleRatio),
    ...schemes(config),
    ...FRAMING,
    ...limits(config, replyWith(431, documents, config)),
    ...trusted(config),
    ...country(config, kinds),
    ...routing(files, kinds),
    ...secure(table, config, kinds),
    ...redirecting(config, where),
    ...client(table, config, kinds),
    ...limitRules(table, replyWith(429, documents, config)),
    ...HOP_BY_HOP,
    ...(kinds.splits
      ? [
          'http-request del-header x-millrace-split',
          "http-request lua.split if { var(txn.route) -m sub ';x' }",
        ]
      : []),
    ...forwarding(config),
    ...stripping(kinds),
    ...viaRules(config),
    ...(config.compression.enabled
      ? ['http-request set-var(txn.gzip) bool(true) if { req.fhdr(accept-encoding) -m sub gzip }']
      : []),
    `http-request disable-l7-retry unless { method ${IDEMPOTENT} }`,
    ...EXPECT,
  ]
}
