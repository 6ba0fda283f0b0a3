import { redisSettings } from '@millrace/core'
import { z } from 'zod'
import { UNSAID_FIELDS } from '../request.ts'

const fieldName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'the name of a header field')
  .transform((name) => name.toLowerCase())

const ms = (fallback: number) =>
  z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(fallback)

/** Of `createHttpCache`: plain data, because they travel between processes. */
export const httpCacheOptions = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z*][A-Za-z0-9_.-]{0,63}$/, 'a token of at most 64 characters')
    .default('millrace')
    .describe('Who answers, in Cache-Status.'),
  redis: z
    .union([z.enum(['off', 'environment']), redisSettings])
    .default('off')
    .describe(
      'Where stored responses are shared with other processes: settings, or those of the environment.',
    ),
  keyspace: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, "1 to 64 letters, digits, '_', '-' or '.'")
    .default('http')
    .describe('Processes with the same one share what they store.'),
  maxBytes: z
    .int()
    .min(65_536)
    .default(64 * 1_048_576)
    .describe('Memory of all stored responses.'),
  maxEntries: z.int().min(1).default(100_000),
  maxBodyBytes: z
    .int()
    .min(0)
    .default(8 * 1_048_576)
    .describe('A larger body is passed on and not stored.'),
  maxVariants: z.int().min(1).default(64).describe('Stored responses for one address, told apart by Vary.'),
  waitMs: ms(10_000).describe('How long a request waits for another one that fetches the same response.'),
  passMs: ms(10_000).describe(
    'For how long requests do not wait for one another after a response that could not be stored.',
  ),
  keepMs: ms(3_600_000).describe('How long a stale response is kept to be confirmed by the origin.'),
  heuristicShare: z.number().min(0).max(1).default(0.1),
  heuristicMaxMs: ms(86_400_000),
  staleWhileRevalidateMs: ms(0).describe('For responses that do not say; see RFC 5861.'),
  staleIfErrorMs: ms(0).describe('For responses that do not say; see RFC 5861.'),
  requestDirectives: z
    .enum(['honour', 'ignore'])
    .default('honour')
    .describe('Whether a visitor’s Cache-Control counts: honoured, a reload in a browser asks the origin.'),
  setCookie: z
    .enum(['bypass', 'strip'])
    .default('bypass')
    .describe('A response with Set-Cookie is not stored, or stored without the cookie.'),
  ignoreQuery: z
    .array(z.string().min(1).max(256))
    .max(100)
    .default([])
    .describe('Parameters that do not change a response: utm_source.'),
  keyHeaders: z
    .array(fieldName)
    .max(32)
    .default(['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-prefix', ...UNSAID_FIELDS])
    .describe(
      'Request fields that are part of the key where they are sent: applications build pages from them without saying so in Vary.',
    ),
  surrogateKeys: z
    .enum(['remove', 'forward'])
    .default('remove')
    .describe('What becomes of Surrogate-Key and Cache-Tag: forward them when a CDN in front needs them.'),
  targets: z
    .array(fieldName)
    .max(8)
    .default(['cdn-cache-control', 'surrogate-control'])
    .describe(
      'Fields that stand in place of Cache-Control for this cache (RFC 9213), the first that is there.',
    ),
})

export type HttpCacheSettings = z.output<typeof httpCacheOptions>
