import { FORWARDING_NAMES } from '../proxy/header-names.ts'
import type { CertificateFiles } from '../tls/certificate.ts'
import { ADMIN_HOST } from './admin-api.ts'

/** What Caddy is told, apart from where its own files are. */
export interface FrontSettings {
  host: string
  port: number
  /** Where the gateway listens. */
  upstream: { host: string; port: number }
  /** None: one of Caddy's own authority, for this machine only. */
  certificates: readonly CertificateFiles[]
  minVersion: '1.2' | '1.3'
  /** For visitors that name no host, which is what an address in the URL means. */
  defaultName: string
  /** Whose word on the visitor is believed: addresses, CIDR blocks, `loopback`. */
  trustedProxies: readonly string[]
  /** Where a proxy says the visitor's country. */
  countryHeader: string | undefined
  /** Milliseconds. */
  headersMs: number
  keepAliveMs: number
  headerBytes: number
}

/** Where Caddy's own files are. */
export interface FrontPlace {
  /** Of the admin API. */
  socket: string
  storage: string
  /** While a file `DRAINING` is in it, answers are the last of their connection. */
  directory: string
}

export const DRAINING = 'draining'

/** What visitors are let finish when a configuration replaces another, or when the front ends. */
const GRACE_SECONDS = 30
/**
 * Caddy 2.6 does not cancel requests of visitors who have left where this is -1 (flush at once). A millisecond is as good, and what has
 * no announced length, event streams among it, is flushed at once whatever stands here.
 */
const FLUSH_NANOSECONDS = 1_000_000
/** Caddy's way of naming statuses: 4 and 5 stand for all of theirs. */
const WITH_BODY = [200, 201, 202, 203, 206, 207, 4, 5]
/** Local names that need no certificate of anybody else. */
const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1']

const joined = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

const seconds = (milliseconds: number): string => `${Math.max(1, Math.floor(milliseconds / 1_000))}s`

const blocks = (trusted: readonly string[]): string[] =>
  trusted.flatMap((value) => (value === 'loopback' ? ['127.0.0.0/8', '::1'] : [value]))

/** What Caddy itself says of the visitor; the rest of such headers is a visitor's own word. */
const SAID_BY_CADDY = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'])

const forgeable = (countryHeader: string | undefined): string[] => [
  ...FORWARDING_NAMES.filter((name) => !SAID_BY_CADDY.has(name)),
  ...(countryHeader === undefined ? [] : [countryHeader]),
]

function toGateway({ upstream, keepAliveMs, trustedProxies }: FrontSettings): object {
  return {
    handler: 'reverse_proxy',
    upstreams: [{ dial: joined(upstream.host, upstream.port) }],
    flush_interval: FLUSH_NANOSECONDS,
    ...(trustedProxies.length === 0 ? {} : { trusted_proxies: blocks(trustedProxies) }),
    // While a worker that was killed starts again.
    load_balancing: { try_duration: '5s', try_interval: '50ms' },
    transport: {
      protocol: 'http',
      versions: ['1.1'],
      // What visitors take is theirs to say.
      compression: false,
      // Given up before the gateway gives it up, so that no request meets a closed connection.
      keep_alive: {
        enabled: true,
        idle_timeout: seconds(keepAliveMs * 0.75),
        max_idle_conns_per_host: 1_024,
      },
    },
    // Only who listens for HTTP/3 may announce it.
    headers: { response: { delete: ['Alt-Svc'] } },
  }
}

/**
 * When a configuration replaces another, Caddy closes connections that are idle, and a request may be on its way on one. Those that are
 * used are closed before that by their visitors, who are told so with an answer. In HTTP/2 that is a GOAWAY.
 */
const lastAnswers = ({ directory }: FrontPlace): object => ({
  match: [{ file: { root: directory, try_files: [`/${DRAINING}`] } }],
  handle: [{ handler: 'headers', response: { set: { Connection: ['close'] } } }],
})

function routes(settings: FrontSettings): object[] {
  const { trustedProxies, countryHeader } = settings
  const neutral = [
    {
      handler: 'headers',
      // Otherwise Go guesses a type from the first bytes, and a page may become of what is none.
      response: {
        deferred: true,
        require: { headers: { 'Content-Type': null }, status_code: WITH_BODY },
        set: { 'Content-Type': [''] },
      },
    },
    { handler: 'headers', response: { delete: ['Server'] } },
  ]
  const visitors = {
    handle: [
      ...neutral,
      { handler: 'headers', request: { delete: forgeable(countryHeader) } },
      toGateway(settings),
    ],
  }
  if (trustedProxies.length === 0) return [visitors]
  return [
    {
      match: [{ remote_ip: { ranges: blocks(trustedProxies) } }],
      handle: [...neutral, toGateway(settings)],
      terminal: true,
    },
    visitors,
  ]
}

function tls({ certificates }: FrontSettings): object {
  // OCSP would ask the authority's server: nothing here asks anybody.
  const common = { disable_ocsp_stapling: true }
  if (certificates.length > 0)
    return {
      ...common,
      certificates: { load_files: certificates.map(({ certificate, key }) => ({ certificate, key })) },
    }
  return {
    ...common,
    certificates: { automate: LOCAL_NAMES },
    automation: { policies: [{ subjects: LOCAL_NAMES, issuers: [{ module: 'internal' }] }] },
  }
}

/** Caddy's configuration in JSON. */
export function caddyConfiguration(settings: FrontSettings, place: FrontPlace): string {
  const { host, port, headersMs, keepAliveMs, headerBytes, defaultName, minVersion } = settings
  return JSON.stringify({
    admin: { listen: `unix/${place.socket}`, origins: [ADMIN_HOST], config: { persist: false } },
    storage: { module: 'file_system', root: place.storage },
    logging: { logs: { default: { level: 'WARN', encoder: { format: 'json' } } } },
    apps: {
      // Nothing is added to what this machine trusts.
      pki: { certificate_authorities: { local: { install_trust: false } } },
      tls: tls(settings),
      http: {
        grace_period: `${GRACE_SECONDS}s`,
        servers: {
          front: {
            listen: [joined(host, port)],
            protocols: ['h1', 'h2', 'h3'],
            // No certificates from elsewhere, and no listener on port 80.
            automatic_https: { disable: true },
            tls_connection_policies: [{ default_sni: defaultName, protocol_min: `tls${minVersion}` }],
            read_header_timeout: `${headersMs}ms`,
            idle_timeout: seconds(keepAliveMs),
            max_header_bytes: headerBytes,
            routes: [lastAnswers(place), ...routes(settings)],
          },
        },
      },
    },
  })
}
