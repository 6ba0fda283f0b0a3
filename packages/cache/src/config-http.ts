import { z } from 'zod'

const variable = (name: string) => `MILLRACE_CACHE_HTTP_${name}`

/** The HTTP cache of the gateway's workers (RFC 9111). */
export const httpCacheConfig = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .meta({ env: variable('ENABLED'), title: 'HTTP cache in the gateway' })
      .describe('Stores what the application marks as cacheable for everybody, and nothing else.'),
    maxBytes: z
      .int()
      .min(1_024)
      .default(64 * 1_048_576)
      .meta({ env: variable('MAX_BYTES'), title: 'Memory for responses, per worker (bytes)' }),
    maxEntries: z
      .int()
      .min(1)
      .default(50_000)
      .meta({ env: variable('MAX_ENTRIES'), title: 'Responses in memory, per worker' }),
    maxBodyBytes: z
      .int()
      .min(1_024)
      .default(4 * 1_048_576)
      .meta({ env: variable('MAX_BODY_BYTES'), title: 'Largest body that is stored (bytes)' })
      .describe('A larger one passes through.'),
  })
  .prefault({})

export type HttpCacheConfig = z.output<typeof httpCacheConfig>
