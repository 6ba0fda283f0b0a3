import { z } from 'zod'
import { httpCacheConfig } from './config-http.ts'
import type { EvictionPolicyName } from './memory/choose-policy.ts'

const milliseconds = (max = Number.MAX_SAFE_INTEGER) => z.int().min(0).max(max)
const timeout = () =>
  z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
const variable = (name: string) => `MILLRACE_CACHE_${name}`

const namespace = z.strictObject({
  ttlMs: z.int().min(1),
  tags: z.array(z.string().min(1).max(256)).max(64).optional(),
  staleWhileRevalidateMs: milliseconds().optional(),
  staleIfErrorMs: milliseconds().optional(),
  negativeTtlMs: milliseconds().optional(),
  earlyExpirationBeta: z.number().min(0).max(100).optional(),
  loaderSoftTimeoutMs: timeout().optional(),
  loaderTimeoutMs: timeout().optional(),
  tiers: z.enum(['memory', 'shared', 'both']).optional(),
  compress: z.boolean().optional(),
})

const shared = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .meta({ env: variable('SHARED_ENABLED'), title: 'Use Redis as the second tier' })
      .describe('Without effect unless Redis is configured (redis, REDIS_…).'),
    timeoutMs: timeout()
      .default(50)
      .meta({ env: variable('SHARED_TIMEOUT_MS'), title: 'Redis may add to a request (ms)' })
      .describe('Once per request, whether Redis is slow, hung or away.'),
    maxBytes: z
      .int()
      .min(1_024)
      .default(8 * 1_048_576)
      .meta({ env: variable('SHARED_MAX_BYTES'), title: 'Largest entry in Redis (bytes)' }),
    maxUndelivered: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(10_000)
      .meta({ env: variable('MAX_UNDELIVERED'), title: 'Invalidations kept while Redis is away' })
      .describe('Beyond, everything shared counts as stale when it is back.'),
    leaseMs: timeout()
      .default(5_000)
      .meta({ env: variable('LEASE_MS'), title: 'Silence that ends a lease (ms)' })
      .describe('A process that loads a value for all others is given up after it.'),
    leaseWaitMs: timeout()
      .default(10_000)
      .meta({ env: variable('LEASE_WAIT_MS'), title: 'Wait for the load of another process (ms)' }),
  })
  .prefault({})

const compression = z
  .strictObject({
    algorithm: z
      .enum(['lz4', 'snappy', 'off'])
      .default('lz4')
      .meta({ env: variable('COMPRESSION'), title: 'Compression in Redis' }),
    aboveBytes: z
      .int()
      .min(0)
      .default(1_024)
      .meta({ env: variable('COMPRESS_ABOVE_BYTES'), title: 'Compress values above (bytes)' })
      .describe('Kept uncompressed where it saves less than a tenth.'),
  })
  .prefault({})

const warming = z
  .strictObject({
    urls: z
      .array(z.url({ protocol: /^https?$/, error: 'expected an address such as https://shop.example/' }))
      .max(10_000)
      .default([])
      .meta({ title: 'Pages and files to warm' })
      .describe('Asked for as a visitor would, so that the caches on the way hold them.'),
    cron: z
      .string()
      .regex(/^(\S+\s+){4}\S+$/, 'five fields: minute hour day month weekday, in UTC')
      .optional()
      .meta({ env: variable('WARMING_CRON'), title: 'When they are warmed (cron, UTC)' })
      .describe('Default: only with the action `warm`.'),
    concurrency: z
      .int()
      .min(1)
      .max(64)
      .default(4)
      .meta({ env: variable('WARMING_CONCURRENCY'), title: 'Requests at the same time' }),
    timeoutMs: timeout()
      .default(30_000)
      .meta({ env: variable('WARMING_TIMEOUT_MS'), title: 'One request may take (ms)' }),
  })
  .prefault({})

export const cacheConfig = z.strictObject({
  maxEntries: z
    .int()
    .min(1)
    .default(10_000)
    .meta({ env: variable('MAX_ENTRIES'), title: 'Entries in memory' }),
  maxBytes: z
    .int()
    .min(1_024)
    .default(64 * 1_048_576)
    .meta({ env: variable('MAX_BYTES'), title: 'Memory (bytes)' })
    .describe('Estimated memory of all entries; what is used least leaves first.'),
  eviction: z
    .enum(['adaptive', 's3-fifo', 'w-tinylfu', 'sieve', 'lru'] satisfies EvictionPolicyName[])
    .default('adaptive')
    .meta({ env: variable('EVICTION'), title: 'Who leaves when memory is full' })
    .describe('adaptive: whichever of s3-fifo, w-tinylfu and lru serves the present reads best.'),
  defaultTtlMs: z
    .int()
    .min(1)
    .default(300_000)
    .meta({ env: variable('DEFAULT_TTL_MS'), title: 'Time to live (ms)' })
    .describe('For namespaces that set none.'),
  loaderTimeoutMs: timeout()
    .default(30_000)
    .meta({ env: variable('LOADER_TIMEOUT_MS'), title: 'Loader time-out (ms)' }),
  namespaces: z
    .record(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "1 to 64 letters, digits, '_', '-' or '.'"), namespace)
    .default({})
    .describe(
      'By namespace: time to live, tags, serving stale, remembering absence, early renewal, tiers. Added to the presets (USER_PROFILE, PRODUCTS, …).',
    ),
  shared,
  compression,
  httpCache: httpCacheConfig,
  warming,
})

export type CacheConfig = z.output<typeof cacheConfig>

declare module '@millrace/core' {
  interface CapabilityConfigs {
    cache?: z.input<typeof cacheConfig>
  }
}
