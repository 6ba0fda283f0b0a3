import type { EngineConfig } from '../../config.ts'
import { CLIENT_ADDRESS_NAMES, FORWARDING_NAMES } from '../../proxy/header-names.ts'
import type { Omissions } from '../model.ts'
import { mapOf } from './locations.ts'
import { headerVariable, pattern, word } from './quote.ts'
import type { Upstream } from './upstreams.ts'

const COMPRESSED = [
  'application/javascript application/json application/ld+json application/manifest+json application/problem+json',
  'application/rss+xml application/wasm application/xhtml+xml application/xml application/atom+xml',
  'font/otf font/ttf image/bmp image/svg+xml image/x-icon',
  'text/css text/javascript text/markdown text/plain text/xml text/csv text/calendar',
].join('\n        ')

const PREFIXES = '"$millrace_x_forwarded_prefix, $millrace_own_prefix"'
const LOCAL_HOST = String.raw`^1::(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?\z`

/** Everything that is the same for all routes and hosts, one directive or block each. */
export function httpSettings(
  config: EngineConfig,
  upstreams: Iterable<Upstream>,
  omissions: Omissions,
): string[] {
  return [
    ...visitors(config, omissions),
    ...limits(config, omissions),
    ...proxying(config, [...upstreams], omissions),
    ...compression(config, omissions),
  ]
}

function visitors({ trustedProxies }: EngineConfig, omissions: Omissions): string[] {
  const addresses = trustedProxies.flatMap((value) =>
    value === 'loopback' ? ['127.0.0.0/8', '::1/128'] : [value],
  )
  const forwarded = [...FORWARDING_NAMES, ...CLIENT_ADDRESS_NAMES, 'via']
    .map((name) => headerVariable(name))
    .join('')
  omissions.add('settings', 'Connection', 'fields that a visitor names in Connection reach the backend')
  omissions.add('settings', 'paths', 'NGINX answers 400 where it finds a path invalid, as one above the root')
  omissions.add('settings', 'header names', 'NGINX drops fields whose names have an underscore')
  return [
    // A dollar sign cannot be written otherwise.
    'geo $millrace_dollar {\n    default "$";\n}',
    `geo $realip_remote_addr $millrace_trusted {\n    default 0;\n${addresses.map((address) => `    ${word(address)} 1;\n`).join('')}}`,
    'geo $realip_remote_addr $millrace_loopback {\n    default 0;\n    127.0.0.0/8 1;\n    ::1/128 1;\n}',
    ...addresses.map((address) => `set_real_ip_from ${word(address)};`),
    ...(addresses.length === 0 ? [] : ['real_ip_header X-Forwarded-For;', 'real_ip_recursive on;']),
    // IPv6 by /64; an IPv4 address in IPv6 as itself.
    mapOf('$binary_remote_addr', '$millrace_client', '$binary_remote_addr', [
      `${pattern(String.raw`(?s)^\x00{10}\xff\xff(?<millrace_v4>.{4})\z`)} $millrace_v4;`,
      `${pattern(String.raw`(?s)^(?<millrace_net>.{8}).{8}\z`)} $millrace_net;`,
    ]),
    mapOf(`"$millrace_loopback:${forwarded}:$http_host"`, '$millrace_local', '0', [
      `${pattern(`(?i)${LOCAL_HOST}`)} 1;`,
    ]),
  ]
}

function limits({ limits: of, timeouts }: EngineConfig, omissions: Omissions): string[] {
  omissions.add('settings', 'limits.headerCount', 'NGINX 1.22 limits bytes only')
  omissions.add('settings', 'limits.queue, timeouts.queueMs', 'NGINX has no queue: 502 where all are full')
  omissions.add('settings', 'limits.pipelined', 'NGINX reads one request of a connection at a time')
  omissions.add('settings', 'timeouts.requestMs', 'NGINX limits the time between two reads, not the whole')
  const body = of.bodyBytes === 0 ? 1 : of.bodyBytes
  if (of.bodyBytes === 0)
    omissions.add('settings', 'limits.bodyBytes', '0 means no limit to NGINX; a byte is allowed')
  const perClient =
    of.clientConnections === undefined
      ? []
      : [
          mapOf('$millrace_trusted', '$millrace_counted', '$millrace_client', ['1 "";']),
          'limit_conn_zone $millrace_counted zone=millrace_connections:10m;',
          `limit_conn millrace_connections ${Math.min(65_535, of.clientConnections)};`,
          'limit_conn_status 503;',
        ]
  if (perClient.length > 0)
    omissions.add(
      'settings',
      'limits.clientConnections',
      'NGINX counts connections with a request in progress',
    )
  return [
    `client_max_body_size ${body};`,
    'client_header_buffer_size 1k;',
    `large_client_header_buffers 2 ${of.headerBytes};`,
    `client_header_timeout ${timeouts.headersMs}ms;`,
    `client_body_timeout ${Math.min(timeouts.idleMs, timeouts.requestMs)}ms;`,
    `send_timeout ${timeouts.idleMs}ms;`,
    `keepalive_timeout ${timeouts.keepAliveMs}ms;`,
    'limit_req_status 429;',
    ...perClient,
  ]
}

function proxying(config: EngineConfig, upstreams: readonly Upstream[], omissions: Omissions): string[] {
  const { timeouts, limits: of, via, traceSampleRatio } = config
  const bytes = Math.max(4_096, of.responseHeaderBytes)
  const given = (name: string, header: string, otherwise: string): string =>
    mapOf(`"$millrace_trusted:${header}"`, name, otherwise, [`~^1:. ${header};`])
  omissions.add('settings', 'retry budget', 'NGINX limits retries of a request, not of all')
  omissions.add('settings', 'connection timeouts', 'a backend that does not accept in time is not retried')
  if (traceSampleRatio !== undefined) omissions.add('settings', 'traceSampleRatio', 'NGINX begins no traces')
  const secure = upstreams.filter(({ scheme }) => scheme === 'https')
  return [
    mapOf('$http_upgrade', '$millrace_connection', 'upgrade', ['"" "";']),
    // Events and tunnels may be silent for longer than an answer may take.
    mapOf('"$http_upgrade:$http_accept"', '$millrace_kind', 'route', [
      '~^[^:] stream;',
      '"~:.*text/event-stream" stream;',
    ]),
    mapOf('"$millrace_trusted:$http_x_forwarded_for"', '$millrace_forwarded_for', '$realip_remote_addr', [
      '~^1:. "$http_x_forwarded_for, $realip_remote_addr";',
    ]),
    given('$millrace_forwarded_proto', '$http_x_forwarded_proto', '$scheme'),
    given('$millrace_forwarded_host', '$http_x_forwarded_host', '$http_host'),
    ...['x-forwarded-port', 'x-forwarded-prefix', 'x-forwarded-server', 'x-real-ip'].map((name) =>
      given(`$millrace_${name.replaceAll('-', '_')}`, headerVariable(name)!, '""'),
    ),
    mapOf('$millrace_x_forwarded_prefix', '$millrace_both_prefixes', PREFIXES, ['"" $millrace_own_prefix;']),
    mapOf('$millrace_own_prefix', '$millrace_prefix', '$millrace_both_prefixes', [
      '"" $millrace_x_forwarded_prefix;',
    ]),
    mapOf('$realip_remote_addr', '$millrace_for', '$realip_remote_addr', [
      // An IPv6 address stands in quotes and brackets (RFC 7239, 6).
      String.raw`~: "\"[$realip_remote_addr]\"";`,
    ]),
    mapOf('"$millrace_trusted:$http_forwarded"', '$millrace_forwarded', '""', [
      '~^1:. "$http_forwarded, for=$millrace_for;proto=$scheme";',
    ]),
    mapOf('$http_x_request_id', '$millrace_request_id', '$request_id', [
      `${pattern(String.raw`^[A-Za-z0-9_.:/+=@-]{1,128}\z`)} $http_x_request_id;`,
    ]),
    mapOf(
      '$proxy_host',
      '$millrace_server_name',
      '""',
      secure.map(({ name, serverName }) => `${name} ${word(serverName)};`),
    ),
    ...(via === undefined
      ? []
      : [mapOf('$http_via', '$millrace_via', `"$http_via, 1.1 ${via}"`, [`"" "1.1 ${via}";`])]),
    'proxy_http_version 1.1;',
    'proxy_set_header Host $http_host;',
    'proxy_set_header Connection $millrace_connection;',
    'proxy_set_header Upgrade $http_upgrade;',
    'proxy_set_header X-Forwarded-For $millrace_forwarded_for;',
    'proxy_set_header X-Forwarded-Proto $millrace_forwarded_proto;',
    'proxy_set_header X-Forwarded-Host $millrace_forwarded_host;',
    'proxy_set_header X-Forwarded-Prefix $millrace_prefix;',
    'proxy_set_header X-Forwarded-Port $millrace_x_forwarded_port;',
    'proxy_set_header X-Forwarded-Server $millrace_x_forwarded_server;',
    'proxy_set_header X-Real-IP $millrace_x_real_ip;',
    'proxy_set_header Forwarded $millrace_forwarded;',
    'proxy_set_header X-Request-Id $millrace_request_id;',
    'proxy_set_header X-Millrace-Split $millrace_split;',
    'proxy_set_header X-Millrace-Mirror $millrace_mirror;',
    ...(via === undefined ? [] : ['proxy_set_header Via $millrace_via;']),
    'proxy_pass_header Server;',
    'proxy_pass_header Date;',
    // What a backend says in these is for NGINX, and would let it serve files of this machine.
    'proxy_ignore_headers X-Accel-Redirect X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset X-Accel-Expires;',
    'proxy_redirect off;',
    'proxy_buffering off;',
    'proxy_request_buffering off;',
    `proxy_buffer_size ${bytes};`,
    `proxy_buffers 4 ${bytes};`,
    `proxy_connect_timeout ${timeouts.connectMs}ms;`,
    `proxy_read_timeout ${timeouts.responseMs}ms;`,
    `proxy_send_timeout ${timeouts.idleMs}ms;`,
    // Requests that are not idempotent only where no byte was sent; see the manual of proxy_next_upstream.
    'proxy_next_upstream error;',
    'proxy_next_upstream_tries 3;',
    'proxy_socket_keepalive on;',
    ...(secure.length === 0
      ? []
      : [
          'proxy_ssl_server_name on;',
          'proxy_ssl_verify on;',
          'proxy_ssl_verify_depth 4;',
          'proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;',
        ]),
  ]
}

function compression({ compression: of }: EngineConfig, omissions: Omissions): string[] {
  if (!of.enabled) return ['gzip off;']
  omissions.add('settings', 'compression.brotliLevel', 'Debian’s NGINX has gzip only')
  return [
    'gzip on;',
    'gzip_vary on;',
    'gzip_proxied any;',
    `gzip_comp_level ${of.gzipLevel};`,
    `gzip_min_length ${of.minBytes};`,
    `gzip_types\n        ${COMPRESSED};`,
  ]
}
