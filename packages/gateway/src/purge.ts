import type { HttpPurge, PurgeEvent } from '@millrace/core'
import { z } from 'zod'

const WAYS = ['url', 'paths', 'prefix', 'keys', 'all'] as const
const text = z.string().min(1).max(8_192)
const list = z.array(text).min(1).max(1_000)

/** What the HTTP cache is to forget: exactly one of the five. */
export const purgeParams = z
  .strictObject({
    url: text
      .regex(/^https?:\/\/[^/\s]+/i, 'an absolute URL: https://shop.example/products/1')
      .optional()
      .describe('One resource with all of its variants: https://shop.example/products/1'),
    paths: z
      .array(text.startsWith('/'))
      .min(1)
      .max(1_000)
      .optional()
      .describe('Paths with their queries, whatever the scheme and host: /products/1'),
    prefix: text
      .regex(/^(?:\/|https?:\/\/[^/\s]+\/)/i, 'https://shop.example/images/, or /images/')
      .optional()
      .describe('Everything below it: https://shop.example/images/, or /images/ for every host.'),
    keys: list.optional().describe('Surrogate keys (Surrogate-Key, Cache-Tag) and tags.'),
    all: z.literal(true).optional().describe('Everything.'),
    soft: z
      .boolean()
      .optional()
      .describe('Mark as stale instead of removing: revalidated, or served when the application fails.'),
  })
  .refine((params) => WAYS.filter((way) => params[way] !== undefined).length === 1, {
    message: `name exactly one of ${WAYS.join(', ')}`,
  })

/** `params` has passed `purgeParams`: exactly one way is given. */
export const asPurge = (params: z.output<typeof purgeParams>): HttpPurge => params as HttpPurge

/** A request to all caches, as far as it concerns this one. */
export function purgesOf({ tags, paths, urls, prefixes, all, soft }: PurgeEvent): HttpPurge[] {
  const how = soft === undefined ? {} : { soft }
  if (all === true) return [{ all, ...how }]
  return [
    ...(tags === undefined || tags.length === 0 ? [] : [{ keys: tags, ...how }]),
    ...(paths === undefined || paths.length === 0 ? [] : [{ paths, ...how }]),
    ...(urls ?? []).map((url) => ({ url, ...how })),
    ...(prefixes ?? []).map((prefix) => ({ prefix, ...how })),
  ]
}
