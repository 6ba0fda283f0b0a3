import { z } from 'zod'
import { httpCacheOptions } from './http/forwarding/options.ts'

const variable = (name: string) => `MILLRACE_CACHE_HTTP_${name}`
const of = httpCacheOptions.shape

/** Where the gateway's workers share responses, when there is a Redis. */
export const HTTP_KEYSPACE = httpCacheOptions.parse({}).keyspace

/**
 * What users set of the HTTP cache in the gateway's workers; whether it is used at all, and for which paths, is the gateway's
 * setting. The defaults are those of `createHttpCache`.
 */
export const httpCacheConfig = z
  .strictObject({
    maxBytes: of.maxBytes.meta({
      env: variable('MAX_BYTES'),
      title: 'Memory for responses, per worker (bytes)',
    }),
    maxEntries: of.maxEntries.meta({
      env: variable('MAX_ENTRIES'),
      title: 'Responses in memory, per worker',
    }),
    maxBodyBytes: of.maxBodyBytes.meta({
      env: variable('MAX_BODY_BYTES'),
      title: 'Largest body that is stored (bytes)',
    }),
    maxVariants: of.maxVariants.meta({ title: 'Variants of one address' }),
    heuristicShare: of.heuristicShare
      .meta({ env: variable('HEURISTIC_SHARE'), title: 'Freshness without Cache-Control' })
      .describe(
        'As a share of the age by Last-Modified (RFC 9111, 4.2.2); 0: only what says how long it is fresh.',
      ),
    staleWhileRevalidateMs: of.staleWhileRevalidateMs
      .meta({ env: variable('STALE_WHILE_REVALIDATE_MS'), title: 'Serve stale while renewing (ms)' })
      .describe('For responses that do not say (RFC 5861).'),
    staleIfErrorMs: of.staleIfErrorMs
      .meta({ env: variable('STALE_IF_ERROR_MS'), title: 'Serve stale when the application fails (ms)' })
      .describe('For responses that do not say (RFC 5861).'),
    requestDirectives: of.requestDirectives.meta({
      env: variable('REQUEST_DIRECTIVES'),
      title: 'Cache-Control of visitors',
    }),
    setCookie: of.setCookie.meta({ env: variable('SET_COOKIE'), title: 'Responses with Set-Cookie' }),
    ignoreQuery: of.ignoreQuery.meta({ title: 'Query parameters without effect' }),
    redis: z
      .enum(['platform', 'off'])
      .default('platform')
      .meta({ env: variable('REDIS'), title: 'Share stored responses through Redis' })
      .describe('`platform`: through the Redis of the platform, where one is configured and shared.enabled.'),
    surrogateKeys: of.surrogateKeys.meta({
      env: variable('SURROGATE_KEYS'),
      title: 'Surrogate-Key and Cache-Tag',
    }),
  })
  .prefault({})
