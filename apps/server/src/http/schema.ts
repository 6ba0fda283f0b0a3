import { z } from 'zod'

/** RFC 9457, as every error of this API looks. */
export const problemSchema = z
  .looseObject({
    type: z.string().describe('`urn:millrace:error:<code>`.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('Stable; the reference page lists them all.'),
    instance: z.string().optional(),
  })
  .meta({ id: 'Problem' })

/** Milliseconds since the epoch. */
export const timestamp = z.number().describe('Milliseconds since the epoch.')

/** Any JSON value; what travels through without being looked at. */
export const json = z.unknown()

/** How many rows a list answers with: 1–1,000, default 100. */
export const limitQuery = z.coerce.number().int().min(1).max(1_000).default(100)
