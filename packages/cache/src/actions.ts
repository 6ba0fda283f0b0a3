import { defineAction } from '@millrace/core'
import { z } from 'zod'
import { cacheErrors } from './errors.ts'
import { entryAnswerSchema, entryInputSchema, lookUpEntry } from './platform/entry.ts'
import { purge } from './platform/purge.ts'
import { purgeReportSchema } from './platform/purge-report.ts'
import { purgeInputSchema } from './platform/purge-scope.ts'
import { previewResize, resizeInputSchema, resizePreviewSchema } from './platform/resize-preview.ts'
import { warmAddresses, warmReportSchema } from './platform/warm-addresses.ts'
import { CURVE_WINDOW_MS, recent, type CacheService } from './service.ts'
import { cacheStatsSchema } from './stats.ts'

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
    description:
      'Age, remaining time, size and tags of an entry of the control plane’s own cache, with its value where that is plain JSON; or of an application’s in Redis, without it.',
    effect: 'read',
    input: entryInputSchema,
    output: entryAnswerSchema,
    run: async (service: CacheService, input) => lookUpEntry(service, input),
  }),
  purge: defineAction({
    title: 'Purge the cache',
    description:
      'Makes entries stale in every tier and process: one key, a namespace, a pattern, tags, an address, or everything. Look first with `preview`.',
    effect: 'destructive',
    input: purgeInputSchema,
    output: purgeReportSchema,
    run: async (service: CacheService, input, { signal }) => purge(service, input, signal),
  }),
  keyspaces: defineAction({
    title: 'Caches in Redis',
    description: 'Which applications and services share this Redis for their caches.',
    effect: 'read',
    input: z.strictObject({}),
    output: z.object({ keyspaces: z.array(z.string()), more: z.boolean() }),
    run: async ({ shared }: CacheService) => {
      if (shared === undefined) throw cacheErrors.NOT_SHARED({ wanted: 'Listing keyspaces' })
      const { names, more } = await shared.list()
      return { keyspaces: names, more }
    },
  }),
  'resize-preview': defineAction({
    title: 'Preview another size',
    description:
      'What the hit ratio of each service would be with less or more memory, from its miss-ratio curve.',
    effect: 'read',
    input: resizeInputSchema,
    output: resizePreviewSchema,
    run: async (service: CacheService, input) => previewResize(recent(service, CURVE_WINDOW_MS), input),
  }),
  warm: defineAction({
    title: 'Warm the caches',
    description:
      'Asks for every address of cache.warming.urls as a visitor would, so that the caches hold them.',
    effect: 'write',
    input: z.strictObject({}),
    output: warmReportSchema,
    run: async ({ config, clock, logger }: CacheService, _input, context) => {
      const { urls, concurrency, timeoutMs } = config.warming
      if (urls.length === 0) throw cacheErrors.NOTHING_TO_WARM({})
      return warmAddresses(urls, {
        concurrency,
        timeoutMs,
        signal: context.signal,
        clock,
        logger,
        onProgress: (fraction) => context.progress(fraction),
      })
    },
  }),
}
