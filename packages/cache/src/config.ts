import { z } from 'zod'

export const cacheConfig = z.strictObject({
  maxEntries: z
    .int()
    .min(1)
    .default(10_000)
    .meta({ env: 'MILLRACE_CACHE_MAX_ENTRIES', title: 'Entries in memory' }),
  maxBytes: z
    .int()
    .min(1_024)
    .default(64 * 1_048_576)
    .meta({ env: 'MILLRACE_CACHE_MAX_BYTES', title: 'Memory (bytes)' })
    .describe('Estimated memory of all entries; what is used least leaves first.'),
  defaultTtlMs: z
    .int()
    .min(1)
    .default(300_000)
    .meta({ env: 'MILLRACE_CACHE_DEFAULT_TTL_MS', title: 'Time to live (ms)' })
    .describe('For namespaces that set none.'),
  loaderTimeoutMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(30_000)
    .meta({ env: 'MILLRACE_CACHE_LOADER_TIMEOUT_MS', title: 'Loader time-out (ms)' }),
  namespaces: z
    .record(
      z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "1 to 64 letters, digits, '_', '-' or '.'"),
      z.strictObject({ ttlMs: z.int().min(1), tags: z.array(z.string().min(1).max(256)).max(64).optional() }),
    )
    .default({})
    .describe('Times to live by namespace, added to the presets (USER_PROFILE, PRODUCTS, …).'),
})

declare module '@millrace/core' {
  interface CapabilityConfigs {
    cache?: z.input<typeof cacheConfig>
  }
}
