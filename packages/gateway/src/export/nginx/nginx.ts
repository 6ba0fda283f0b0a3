import type { TlsConfig } from '../../tls/tls-config.ts'
import { Omissions, type Exported, type ExportInput } from '../model.ts'
import { routesByHost, type HostRoutes } from '../precedence.ts'
import { ConditionMaps } from './conditions.ts'
import { Locations, mapOf, placeOf } from './locations.ts'
import { literal, pattern, word } from './quote.ts'
import { httpSettings } from './settings.ts'
import { upstreamsOf } from './upstreams.ts'

const indent = (block: string): string => block.replaceAll(/^(?=.)/gm, '    ')

/** `/shop` on whole segments, as it was sent; a query or nothing may follow. */
const segment = (prefix: string): string => {
  const text = literal(prefix)
  return text === undefined ? '(?!)' : prefix === '' ? '/' : `${text}(?:[/?]|\\z)`
}

/** A host's routes as one map: expressions are tried in the order in which they stand. */
function routeMap({ routes }: HostRoutes, at: number, conditions: ConditionMaps): string {
  const lines = routes.map(({ number, entry, prefix }) => {
    const expression = `^${conditions.expression(entry)}${segment(prefix)}`
    return `${pattern(expression)} ${number};`
  })
  return mapOf(`"${conditions.key} $request_uri"`, `$millrace_route_${at}`, 'none', lines)
}

function listens({ listen }: ExportInput, tls: TlsConfig | undefined, isDefault: boolean): string[] {
  const address = (port: number): string =>
    `${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}`
  const last = isDefault ? ' default_server' : ''
  return [
    `listen ${word(address(listen.port))}${last};`,
    ...(tls === undefined
      ? []
      : [`listen ${word(address(tls.port))} ssl${tls.http2 ? ' http2' : ''}${last};`]),
  ]
}

function certificates(tls: TlsConfig, omissions: Omissions): string[] {
  const first =
    tls.certificate !== undefined && tls.key !== undefined
      ? { certificate: tls.certificate, key: tls.key, passphrase: tls.passphrase }
      : tls.certificates[0]
  if (first === undefined) return []
  const others = tls.certificates.filter(({ certificate }) => certificate !== first.certificate)
  if (others.length > 0)
    omissions.add('settings', 'tls.certificates', `only ${first.certificate} is used for all hosts`)
  if (first.passphrase !== undefined)
    omissions.add(
      'settings',
      'tls.passphrase',
      'a secret; put it into a file and name it in ssl_password_file',
    )
  if (tls.redirect) omissions.add('settings', 'tls.redirect', 'HTTP is answered as it is')
  const age = tls.hstsMaxAgeSeconds
  return [
    `ssl_certificate ${fileWord(first.certificate)};`,
    `ssl_certificate_key ${fileWord(first.key)};`,
    `ssl_protocols ${tls.minVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2 TLSv1.3'};`,
    'ssl_session_cache shared:millrace_tls:10m;',
    ...(age === undefined
      ? []
      : [
          `map "$https:$upstream_http_strict_transport_security" $millrace_hsts {\n    default "";\n    on: "max-age=${age}";\n}`,
          'add_header Strict-Transport-Security $millrace_hsts always;',
        ]),
  ]
}

/** A file's name in a place where variables are: a dollar sign is written by the variable that is one. */
const fileWord = (file: string): string => word(file).replaceAll('$', '${millrace_dollar}')

const hash = (entries: number): number => Math.max(2_048, entries)

/** A complete nginx.conf for NGINX 1.22 or newer, as Debian builds it. The same input gives the same text. */
export function exportNginx(input: ExportInput): Exported {
  const { table, config } = input
  const omissions = new Omissions()
  omissions.addUnknown(table)
  const tls = config.tls.enabled ? config.tls : undefined
  const upstreams = upstreamsOf(table, config, omissions)
  const conditions = new ConditionMaps(config, omissions)
  // All conditions are known before the first key is made of them.
  for (const entry of table.routes) conditions.of(entry)
  const locations = new Locations(table, config, upstreams, omissions)
  const hosts = routesByHost(table)
  const maps = hosts.map((host, at) => routeMap(host, at, conditions))
  const health = Object.keys(input.health)
  if (health.length > 0)
    omissions.add('settings', 'health', 'NGINX has no active checks; failing requests leave a backend out')
  const settings = [
    ...httpSettings(config, upstreams.values(), omissions),
    ...(tls === undefined ? [] : certificates(tls, omissions)),
  ]
  const servers = hosts.map(({ host, routes }, at) => {
    const used = new Set(routes.map(({ number }) => String(number)))
    const blocks = locations.server.filter((block) =>
      used.has(/^ *location = \S+\/(\d+) /.exec(block)?.[1] ?? ''),
    )
    return [
      'server {',
      ...listens(input, tls, host === undefined).map((line) => `    ${line}`),
      `    server_name ${host === undefined ? '""' : word(host)};`,
      '    location / {',
      `        rewrite ^ //millrace/$millrace_kind/$millrace_route_${at} last;`,
      '    }',
      ...(['route', 'stream'] as const).map(
        (kind) => `    location = ${placeOf(kind, 'none')} {\n        internal;\n        return 404;\n    }`,
      ),
      ...blocks,
      '}',
    ].join('\n')
  })
  const body = [
    'server_tokens off;',
    'absolute_redirect off;',
    // As large as the table needs; NGINX looks for the best size below.
    `variables_hash_max_size ${hash(table.routes.length * 12)};`,
    'variables_hash_bucket_size 128;',
    `map_hash_max_size ${hash(table.routes.length * 6)};`,
    'map_hash_bucket_size 512;',
    `server_names_hash_max_size ${hash(hosts.length * 4)};`,
    'server_names_hash_bucket_size 512;',
    ...settings,
    ...[...upstreams.values()].map(({ block }) => block),
    ...conditions.maps,
    ...locations.http,
    ...maps,
    ...servers,
  ]
  const connections = config.limits.connections * 2
  const text = [
    '# Made by Millrace from the routes and pools of its gateway, for NGINX 1.22 or newer.',
    '# What NGINX does not do, or does otherwise:',
    ...omissions.comments(),
    'user www-data;',
    'worker_processes auto;',
    `worker_rlimit_nofile ${connections * 2};`,
    'events {',
    `    worker_connections ${connections};`,
    '}',
    'http {',
    indent(body.join('\n')),
    '}',
    '',
  ].join('\n')
  return { text, notExported: omissions.list() }
}
