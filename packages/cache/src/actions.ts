import { defineAction } from '@millrace/core'
import { z } from 'zod'
import type { CacheService } from './service.ts'
import { cacheStatsSchema, entryDescriptionSchema } from './stats.ts'

const namespace = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/)
  .describe('A namespace, such as PRODUCTS.')
const key = z.strictObject({ namespace, id: z.string().max(1_024) })

export const cacheActions = {
  stats: defineAction({
    title: 'Cache statistics',
    description: 'Entries, memory and hit ratio of the control plane’s own cache, in total and by namespace.',
    effect: 'read',
    input: z.strictObject({}),
    output: cacheStatsSchema,
    run: async ({ cache }: CacheService) => cache.stats(),
  }),
  'get-entry': defineAction({
    title: 'Show an entry',
    description: 'Age, remaining time, size and tags of an entry, and its value where that is plain JSON.',
    effect: 'read',
    input: key,
    output: z.object({
      found: z.boolean(),
      entry: entryDescriptionSchema.optional(),
      value: z.json().optional(),
    }),
    run: async ({ cache }: CacheService, { namespace, id }) => {
      const entry = cache.entry(namespace, id)
      if (entry === undefined) return { found: false }
      const value = z.json().safeParse(cache.peek(namespace, id))
      return { found: true, entry, ...(value.success ? { value: value.data } : {}) }
    },
  }),
  purge: defineAction({
    title: 'Purge the cache',
    description:
      'Drops entries of the control plane’s cache: one key, by tags, one namespace, or everything.',
    effect: 'destructive',
    input: z
      .strictObject({
        namespace: namespace.optional(),
        id: z.string().max(1_024).optional(),
        tags: z.array(z.string().min(1).max(256)).min(1).max(64).optional(),
        all: z.literal(true).optional(),
      })
      .refine((input) => input.id === undefined || input.namespace !== undefined, {
        message: '`id` needs `namespace`',
      })
      .refine(
        (input) => [input.namespace, input.tags, input.all].filter((part) => part !== undefined).length === 1,
        { message: 'name exactly one of `namespace`, `tags` and `all`' },
      ),
    output: z.object({ entriesBefore: z.number().int(), entriesAfter: z.number().int() }),
    run: async ({ cache }: CacheService, input) => {
      const entriesBefore = cache.stats().entries
      if (input.tags !== undefined) await cache.invalidateTags(input.tags)
      else if (input.namespace !== undefined && input.id !== undefined)
        await cache.delete(input.namespace, input.id)
      else await cache.clear(input.namespace)
      return { entriesBefore, entriesAfter: cache.stats().entries }
    },
  }),
}
