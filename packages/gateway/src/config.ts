import { z } from 'zod'
import { frontConfig } from './front/config.ts'
import { checkListeners } from './listeners.ts'
import { regionsConfig } from './regions/config.ts'
import { tlsConfig } from './tls/tls-config.ts'

/**
 * The gateway's settings. Environment names that begin with LOAD_BALANCER_ are those of the load balancer's
 * documentation; those of features that this version has not are accepted and reported (`not-built.ts`).
 */

export const BALANCE_ALGORITHMS = [
  'round-robin',
  'weighted-round-robin',
  'least-connections',
  'ip-hash',
  'least-response-time',
  'two-choices',
  // Another word for the second.
  'weighted',
] as const

export const ENGINES = ['node', 'haproxy'] as const

const milliseconds = (fallback: number) => z.int().min(1).max(86_400_000).default(fallback)

const limits = z
  .strictObject({
    headerBytes: z.int().min(1_024).max(1_048_576).default(16_384).meta({ title: 'Request header bytes' }),
    headerCount: z.int().min(8).max(2_000).default(100).meta({ title: 'Request headers' }),
    bodyBytes: z.int().min(0).default(100_000_000).meta({ title: 'Request body bytes' }),
    responseHeaderBytes: z
      .int()
      .min(1_024)
      .max(1_048_576)
      .default(65_536)
      .describe('Of a backend’s response; more is a 502.'),
    pipelined: z
      .int()
      .min(1)
      .default(32)
      .describe('Requests that a visitor’s connection may send ahead of their answers.'),
    connections: z.int().min(1).default(20_000).describe('Visitors’ open connections, per worker.'),
    clientConnections: z
      .int()
      .min(1)
      .optional()
      .describe(
        'Of one address (IPv6: /64) over all workers; trusted proxies may have any number. Default: no limit.',
      ),
    handshakes: z
      .int()
      .min(8)
      .default(1_000)
      .describe('TLS handshakes in progress, per worker; beyond it the oldest is ended.'),
    streams: z
      .int()
      .min(1)
      .max(1_000)
      .default(128)
      .describe('Requests in progress on one HTTP/2 connection of a visitor.'),
    streamResets: z
      .int()
      .min(16)
      .default(500)
      .describe(
        'Requests that one HTTP/2 connection may cancel at once, and a twentieth of it per second from then on; beyond it the connection is ended.',
      ),
    backendConnections: z
      .int()
      .min(1)
      .default(1_000)
      .describe('Requests in progress per backend, over all workers.'),
    queue: z.int().min(0).default(1_024).describe('Requests per pool and worker that wait for a backend.'),
  })
  .prefault({})

const timeouts = z
  .strictObject({
    handshakeMs: milliseconds(10_000).describe('For a TLS handshake.'),
    headersMs: milliseconds(10_000).describe('For the request line and headers to arrive.'),
    requestMs: milliseconds(300_000).describe('For the whole request to arrive.'),
    keepAliveMs: milliseconds(65_000).describe('An idle visitor’s connection is closed after it.'),
    connectMs: milliseconds(3_000).describe('For a connection to a backend.'),
    responseMs: milliseconds(60_000).describe('For a backend’s response headers; then 504.'),
    idleMs: milliseconds(300_000).describe('Without a byte in the middle of a response, either side.'),
    tunnelIdleMs: milliseconds(3_600_000).describe('Without a byte on a WebSocket, either direction.'),
    queueMs: milliseconds(5_000).describe('Waiting for a backend; then 503.'),
    backendKeepAliveMs: milliseconds(4_000).describe(
      'An idle connection to a backend is closed after it, sooner if the backend announces less. Keep it below the backends’ own: common servers close at 5 s without a word.',
    ),
    backendPingMs: milliseconds(20_000).describe(
      'HTTP/2 to backends: after such a silence with requests in progress the backend is asked for a sign of life, for which it has `connectMs`. Asked again in the same silence after 5 minutes, because servers of gRPC refuse more.',
    ),
    lingerMs: milliseconds(1_000).describe(
      'When draining: how long idle visitors may still send a request that is then answered with `Connection: close`.',
    ),
  })
  .prefault({})

const compression = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ title: 'Compress responses' }),
    minBytes: z.int().min(0).default(1_024).describe('Smaller responses are left as they are.'),
    brotliLevel: z.int().min(0).max(11).default(4).meta({ title: 'Brotli level' }),
    gzipLevel: z.int().min(1).max(9).default(5).meta({ title: 'gzip level' }),
  })
  .prefault({})

const cache = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .meta({ env: 'MILLRACE_GATEWAY_CACHE_ENABLED', title: 'HTTP cache' })
      .describe(
        'Answers from the cache what applications allow shared caches to store (RFC 9111), where the cache capability is installed.',
      ),
    applications: z
      .record(z.string(), z.strictObject({ enabled: z.boolean() }))
      .default({})
      .describe(
        'By name, for applications whose responses are not to be cached: { shop: { enabled: false } }.',
      ),
    exclude: z
      .array(z.string().regex(/^\/[^\s?#]*$/, 'a path that starts with / and has no space, ? or #'))
      .default([])
      .describe('Path prefixes, on whole segments, that are always forwarded: /live.'),
    encodedBytes: z
      .int()
      .min(0)
      .default(33_554_432)
      .describe('Compressed forms of cached bodies that each worker keeps, with those bodies.'),
    aheadBytes: z
      .int()
      .min(0)
      .default(67_108_864)
      .describe('What each worker reads ahead of slow visitors so that it is stored at the backend’s pace.'),
    finishMs: milliseconds(10_000).describe(
      'A response that is being stored is read on for so long after its visitor left.',
    ),
    renewalMs: milliseconds(60_000).describe('For a renewal in the background to be complete.'),
    unattended: z
      .int()
      .min(0)
      .default(100)
      .describe('Renewals and responses without their visitor, at the same time, per worker.'),
  })
  .prefault({})

/** What one engine needs, in a worker or in a process of the library's user. */
export const engineConfig = z.strictObject({
  http1: z
    .enum(['llhttp', 'strict'])
    .default('llhttp')
    .meta({ env: 'MILLRACE_GATEWAY_HTTP1', title: 'HTTP/1.1 parser' })
    .describe(
      'Who reads HTTP/1.1 without TLS, from visitors and from backends, in the engine node. llhttp: node:http and undici. strict: the gateway itself, which is faster, and refuses more.',
    ),
  balance: z
    .enum(BALANCE_ALGORITHMS)
    .default('round-robin')
    .meta({ env: 'LOAD_BALANCER_ALGORITHM', title: 'Balancing' }),
  limits,
  timeouts,
  compression,
  cache,
  tls: tlsConfig,
  regions: regionsConfig,
  trustedProxies: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Addresses, CIDR blocks or `loopback` whose X-Forwarded-* and Forwarded headers are believed. All others’ are replaced.',
    ),
  geography: z
    .strictObject({
      countryHeader: z
        .string()
        .regex(/^[\w-]{1,64}$/, 'the name of a header')
        .optional()
        .meta({ env: 'MILLRACE_GATEWAY_COUNTRY_HEADER', title: 'Country header' })
        .describe(
          'Where a CDN in front says the visitor’s country: CF-IPCountry. Believed from trusted proxies only.',
        ),
      database: z
        .string()
        .min(1)
        .optional()
        .meta({ env: 'MILLRACE_GATEWAY_COUNTRY_DATABASE', title: 'Country database' })
        .describe(
          'A MaxMind DB file with countries (.mmdb), asked where no header says it. Looked at every 10 s and read again when it changed.',
        ),
    })
    .prefault({}),
  via: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'letters, digits, dots, hyphens')
    .optional()
    .describe('Pseudonym in a Via header. Default: none is added.'),
  traceSampleRatio: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({ title: 'Begin traces' })
    .describe(
      'Creates a traceparent for requests that come without one; this share of them carries the sampled flag, which applications follow. Default: none is created, and applications decide by themselves what they record.',
    ),
})

const off = <Schema extends z.ZodType>(schema: Schema, env: string) =>
  schema.optional().meta({ env, title: 'Not in this version' })

/** Accepted, so that a documented environment does not stop the start; reported as not in this version. */
const notBuilt = {
  autoScaling: z
    .strictObject({
      scaleUpThreshold: off(z.number(), 'LOAD_BALANCER_AUTO_SCALING_SCALE_UP_THRESHOLD'),
      scaleDownThreshold: off(z.number(), 'LOAD_BALANCER_AUTO_SCALING_SCALE_DOWN_THRESHOLD'),
    })
    .prefault({}),
}

const settings = z.strictObject({
  ...engineConfig.shape,
  enabled: z.boolean().default(true).meta({ env: 'LOAD_BALANCER_ENABLED', title: 'Gateway on' }),
  engine: z
    .enum(ENGINES)
    .default('node')
    .meta({ env: 'MILLRACE_GATEWAY_ENGINE', title: 'Engine' })
    .describe(
      'node: processes of Millrace. haproxy: HAProxy 2.6 or newer, which must be installed; it has no HTTP cache, and the README lists what else it does otherwise.',
    ),
  host: z.string().default('127.0.0.1').meta({ env: 'MILLRACE_HOST', title: 'Listen address' }),
  port: z.int().min(0).max(65_535).default(3_000).meta({ env: 'PORT', title: 'Public port' }),
  workers: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .meta({ env: 'MILLRACE_GATEWAY_WORKERS', title: 'Worker processes' })
    .describe(
      'Default: one per CPU, at least 2 so that one can fail, at most 4. With the engine haproxy, its threads.',
    ),
  accessLog: z
    .enum(['off', 'json'])
    .default('off')
    .meta({ env: 'MILLRACE_ACCESS_LOG', title: 'Access log' })
    .describe('json: one line per request in <data directory>/gateway/access.log.'),
  health: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .meta({ env: 'LOAD_BALANCER_HEALTH_CHECK_ENABLED', title: 'Active health checks' }),
      intervalMs: z
        .int()
        .min(100)
        .optional()
        .meta({ env: 'LOAD_BALANCER_HEALTH_CHECK_INTERVAL', title: 'Interval (ms)' })
        .describe('For applications that do not set their own.'),
      timeoutMs: z
        .int()
        .min(10)
        .optional()
        .meta({ env: 'LOAD_BALANCER_HEALTH_CHECK_TIMEOUT', title: 'Timeout (ms)' })
        .describe('For applications that do not set their own.'),
      path: z
        .string()
        .startsWith('/')
        .optional()
        .meta({ env: 'LOAD_BALANCER_HEALTH_CHECK_PATH', title: 'Path' })
        .describe('For applications that do not set their own.'),
      maxConcurrent: z
        .int()
        .min(1)
        .max(10_000)
        .default(64)
        .meta({ title: 'Checks at the same time' })
        .describe('The others wait their turn.'),
    })
    .prefault({}),
  stickySessions: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .meta({ env: 'LOAD_BALANCER_STICKY_SESSIONS_ENABLED', title: 'Sticky sessions' })
        .describe('For applications that do not say it themselves (applications.<name>.sticky).'),
      kind: z
        .enum(['cookie', 'ip'])
        .default('cookie')
        .meta({ env: 'LOAD_BALANCER_STICKY_SESSIONS_KIND', title: 'By' })
        .describe('cookie: a signed one. ip: a hash of the visitor’s address, IPv6 by /64.'),
      cookieName: z
        .string()
        .regex(/^[\w-]{1,48}$/, 'letters, digits, - and _')
        .default('lb-session')
        .meta({ env: 'LOAD_BALANCER_STICKY_SESSIONS_COOKIE_NAME', title: 'Cookie name' })
        .describe('Followed by -<application> where several applications have sessions.'),
      maxAgeMs: z
        .int()
        .min(1_000)
        .default(3_600_000)
        .meta({ env: 'LOAD_BALANCER_STICKY_SESSIONS_MAX_AGE', title: 'Ends after (ms)' })
        .describe('Without a request. Cookies are renewed when half of it is over.'),
      secret: z
        .string()
        .min(16)
        .optional()
        .meta({ env: 'LOAD_BALANCER_STICKY_SESSIONS_SECRET', secret: true, title: 'Secret' })
        .describe('What cookies are signed with. Default: made once and kept in the data directory.'),
    })
    .prefault({}),
  front: frontConfig,
  ...notBuilt,
})

export const gatewayConfig = settings.superRefine(checkListeners)

export type EngineConfig = z.output<typeof engineConfig>
export type EngineOptions = z.input<typeof engineConfig>
export type GatewayConfig = z.output<typeof gatewayConfig>
export type BalanceAlgorithm = (typeof BALANCE_ALGORITHMS)[number]

declare module '@millrace/core' {
  interface CapabilityConfigs {
    gateway?: z.input<typeof gatewayConfig>
  }
}
