import type { EngineConfig } from '../../config.ts'
import type { GatewayTable } from '../driver.ts'
import { balanceOf } from './balance.ts'
import type { Place } from './configuration.ts'
import { hasLimits } from './limits.ts'
import { quote } from './quote.ts'
import type { RouteKinds } from './routes-map.ts'
import { hasSessions } from './session-keys.ts'

// Who a visitor is, how it came, and what backends may believe of it.

const trustedAddresses = ({ trustedProxies }: EngineConfig): string[] =>
  trustedProxies
    .flatMap((value) => (value === 'loopback' ? ['127.0.0.0/8', '::1'] : [value]))
    .map((address) => quote(address, 'trustedProxies'))

export const trusted = (config: EngineConfig): string[] =>
  config.trustedProxies.length === 0 ? [] : [`acl trusted src ${trustedAddresses(config).join(' ')}`]

const MAX_TRUSTED_HOPS = 8

/** Whom a request comes from, where that matters: the last address in X-Forwarded-For that is no trusted proxy's. */
export function client(table: GatewayTable, config: EngineConfig, kinds: RouteKinds): string[] {
  const hashed = table.pools.some((pool) => balanceOf(pool, config) === 'ip-hash')
  if (!hashed && !kinds.places && !hasLimits(table)) return []
  if (config.trustedProxies.length === 0) return ['http-request set-var(txn.client) src']
  const addresses = trustedAddresses(config).join(' ')
  return [
    'http-request set-var(txn.client) src',
    ...Array.from({ length: MAX_TRUSTED_HOPS }, (_, hop) => {
      const said = `req.hdr_ip(x-forwarded-for,-${hop + 1})`
      return `http-request set-var(txn.client) ${said} if trusted { ${said} -m found } { var(txn.client) -m ip ${addresses} }`
    }),
  ]
}

/** Whether the visitor uses TLS, where that matters: as X-Forwarded-Proto says that a trusted proxy sends, or this connection. */
export function secure(
  table: GatewayTable,
  { trustedProxies, tls }: EngineConfig,
  kinds: RouteKinds,
): string[] {
  const asked = kinds.places || hasSessions(table) || (tls.enabled && tls.redirect)
  if (!asked || (trustedProxies.length === 0 && !tls.enabled)) return []
  const said = 'trusted { req.fhdr(x-forwarded-proto) -m'
  const trusting = trustedProxies.length > 0
  return [
    ...(tls.enabled ? ['http-request set-var(txn.secure) bool(true) if { ssl_fc }'] : []),
    ...(trusting && tls.enabled ? [`http-request unset-var(txn.secure) if ${said} found }`] : []),
    ...(trusting ? [`http-request set-var(txn.secure) bool(true) if ${said} str -i https }`] : []),
  ]
}

/** As src/proxy/https-redirect.ts: what came without TLS has to come again with it. */
export function redirecting({ tls }: EngineConfig, { tlsPort }: Place): string[] {
  if (!tls.redirect || tlsPort === undefined) return []
  const port = tls.publicPort ?? tlsPort
  const location = `https://%[req.fhdr(host),regsub(:[0-9]*$,)]${port === 443 ? '' : `:${port}`}%[pathq]`
  return [
    'acl health path -m str /health',
    'acl health path -m beg /health/',
    "acl local_route var(txn.route),concat(;) -m sub ';l;'",
    'acl secure var(txn.secure) -m found',
    'http-request deny deny_status 400 if !secure !health !local_route !{ req.fhdr(host) -m found }',
    `http-request return status 308 hdr location '${location}' hdr x-request-id '%[var(txn.id)]' if !secure !health !local_route`,
  ]
}

/** From headers of other proxies to what the backend may believe. */
export function forwarding(config: EngineConfig): string[] {
  const underscored = ['x_forwarded_ -m beg', 'x_real_ip', 'transfer_encoding', 'content_length']
  const rules = underscored.map((name) => `http-request del-header ${name}`)
  const schemes = config.tls.enabled
    ? [
        ['https', '{ ssl_fc }'],
        ['http', '!{ ssl_fc }'],
      ]
    : [['http']]
  const when = (...conditions: (string | undefined)[]): string => {
    const given = conditions.filter((each) => each !== undefined)
    return given.length === 0 ? '' : ` if ${given.join(' ')}`
  }
  const has = (name: string): string => `{ req.fhdr(${name}) -m found }`
  if (config.trustedProxies.length === 0) {
    return [
      ...rules,
      'http-request del-header x-forwarded- -m beg',
      'http-request del-header forwarded',
      'http-request del-header x-real-ip',
      "http-request add-header x-forwarded-for '%[src]'",
      ...schemes.map(
        ([scheme, given]) => `http-request add-header x-forwarded-proto ${scheme}${when(given)}`,
      ),
      `http-request add-header x-forwarded-host '%[req.fhdr(host)]' if ${has('host')}`,
    ]
  }
  return [
    ...rules,
    'http-request del-header x-forwarded- -m beg unless trusted',
    'http-request del-header forwarded unless trusted',
    'http-request del-header x-real-ip unless trusted',
    "http-request add-header x-forwarded-for '%[src]'",
    ...schemes.map(
      ([scheme, given]) =>
        `http-request add-header x-forwarded-proto ${scheme}${when(`!${has('x-forwarded-proto')}`, given)}`,
    ),
    `http-request add-header x-forwarded-host '%[req.fhdr(host)]' if ${has('host')} !${has('x-forwarded-host')}`,
    ...schemes.flatMap(([scheme, given]) => [
      `http-request add-header forwarded 'for="[%[src]]";proto=${scheme}'${when(has('forwarded'), '!{ src 0.0.0.0/0 }', given)}`,
      `http-request add-header forwarded 'for=%[src];proto=${scheme}'${when(has('forwarded'), '{ src 0.0.0.0/0 }', given)}`,
    ]),
  ]
}

/** The protocol that a request was received by is in it (RFC 9110, 7.6.3). */
export const viaRules = ({ via, tls }: EngineConfig): string[] => {
  if (via === undefined) return []
  const http1 = `http-request add-header via '1.1 ${via}'`
  return tls.enabled && tls.http2
    ? [`${http1} unless HTTP_2.0`, `http-request add-header via '2.0 ${via}' if HTTP_2.0`]
    : [http1]
}

/** A country that a trusted proxy states: two letters, but for those that say that it is not known. */
export function country({ trustedProxies, geography }: EngineConfig, kinds: RouteKinds): string[] {
  const header = geography.countryHeader
  if (!kinds.countries || header === undefined || trustedProxies.length === 0) return []
  return [
    `http-request set-var(txn.country) req.fhdr(${header}),upper if trusted { req.fhdr_cnt(${header}) 1 } { req.fhdr(${header}) -m len 2 } !{ req.fhdr(${header}) -m str -i XX }`,
  ]
}
