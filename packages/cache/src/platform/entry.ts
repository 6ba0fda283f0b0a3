import { z } from 'zod'
import { cacheErrors } from '../errors.ts'
import type { CacheService } from '../service.ts'
import { decodeHead } from '../shared/envelope.ts'
import { entryDescriptionSchema } from '../stats.ts'

const name = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/)

export const entryInputSchema = z.strictObject({
  namespace: name.describe('A namespace, such as PRODUCTS.'),
  id: z.string().min(1).max(1_024).describe('Its identifier.'),
  keyspace: name
    .optional()
    .describe('The cache of an application, in Redis. Default: the control plane’s own.'),
})

export const entryAnswerSchema = z.object({
  found: z.boolean(),
  entry: entryDescriptionSchema.optional(),
  value: z.json().optional(),
})

const READ_LIMIT_MS = 2_000

/**
 * What is known of an entry. Values of applications are not shown: they may be about people, and whoever may read the panel
 * need not read those.
 * @throws CACHE_NOT_SHARED, CACHE_STORE_UNAVAILABLE, CACHE_SHARED_SLOW
 */
export async function lookUpEntry(
  { cache, shared, now }: Pick<CacheService, 'cache' | 'shared' | 'now'>,
  { namespace, id, keyspace }: z.output<typeof entryInputSchema>,
): Promise<z.input<typeof entryAnswerSchema>> {
  if (keyspace === undefined) {
    const entry = cache.entry(namespace, id)
    if (entry === undefined) return { found: false }
    const value = z.json().safeParse(cache.peek(namespace, id))
    return { found: true, entry, ...(value.success ? { value: value.data } : {}) }
  }
  if (shared === undefined) throw cacheErrors.NOT_SHARED({ wanted: 'The cache of an application' })
  const { records } = await shared.use(keyspace, (store) =>
    shared.within(store.read([`${namespace}:${id}`], []), READ_LIMIT_MS),
  )
  const payload = records[0]?.payload
  const head = payload === undefined ? undefined : decodeHead(payload)
  if (payload === undefined || head === undefined) return { found: false }
  const { tags, createdAt, freshUntil } = head
  return {
    found: true,
    entry: {
      bytes: payload.length,
      ageMs: Math.max(0, now() - createdAt),
      remainingMs: Number.isFinite(freshUntil) ? Math.round(freshUntil - now()) : null,
      tags: [...tags],
    },
  }
}
