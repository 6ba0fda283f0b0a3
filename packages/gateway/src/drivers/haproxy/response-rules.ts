import type { EngineConfig } from '../../config.ts'
import { hstsValue } from '../../tls/hsts.ts'
import type { GatewayTable } from '../driver.ts'
import { hasLimits, limitHeaders } from './limits.ts'
import { routeKinds } from './routes-map.ts'

/** Types that gain from compression; parameters after them do not matter. Never event streams. */
const COMPRESSIBLE =
  'text/html text/plain text/css text/javascript text/xml text/csv text/markdown application/javascript application/json ' +
  'application/ld+json application/problem+json application/manifest+json application/xml application/rss+xml application/atom+xml ' +
  'application/xhtml+xml application/wasm application/x-javascript image/svg+xml font/ttf font/otf'

const compressing = [
  'compression algo gzip',
  `compression type ${COMPRESSIBLE}`,
  // HAProxy says so in what it compresses only; a cache must know it of the rest as well.
  `http-response add-header vary Accept-Encoding if !{ var(txn.gzip) -m bool } { res.fhdr(content-type) -m beg ${COMPRESSIBLE} }`,
  // A digest of the bytes as they are sent (RFC 9530) would be wrong for other bytes.
  ...['content-digest', 'digest', 'content-md5'].map(
    (name) =>
      `http-response del-header ${name} if { var(txn.gzip) -m bool } { res.fhdr(content-type) -m beg ${COMPRESSIBLE} }`,
  ),
]

/** What of a backend's response is not for visitors. */
export function responseRules(table: GatewayTable, { via, compression, tls }: EngineConfig): string[] {
  const hsts = hstsValue(tls)
  return [
    'http-response lua.strip_named_response if { res.fhdr(connection) -m found } !{ res.fhdr(connection) -m str -i keep-alive close upgrade }',
    'http-response del-header keep-alive',
    'http-response del-header proxy- -m beg',
    'http-response del-header x-millrace-page',
    'http-response del-header surrogate-key-purge',
    'http-response del-header upgrade unless { status 101 }',
    'http-response del-header content-length if { status 204 }',
    ...(via === undefined ? [] : [`http-response add-header via '1.1 ${via}'`]),
    ...(routeKinds(table).places ? ['http-response lua.place if { var(txn.place) -m found }'] : []),
    ...(compression.enabled ? compressing : []),
    ...(hasLimits(table) ? limitHeaders : []),
    ...(hsts === undefined
      ? []
      : [
          `http-after-response set-header strict-transport-security ${hsts} if { ssl_fc } !{ res.fhdr(strict-transport-security) -m found }`,
        ]),
    // Pages of the gateway's own, whose type is fixed where they are made.
    "http-after-response set-header content-type 'text/html; charset=utf-8' if { status ge 400 } { res.fhdr(x-millrace-page) -m str html }",
    'http-after-response del-header x-millrace-page if { status ge 400 }',
  ]
}
