import { z } from 'zod'
import { hitRatioAt } from '../curve/report.ts'
import { readCurves } from './curve-report.ts'
import type { ReadWindow } from './metric-reads.ts'

export const resizeInputSchema = z.strictObject({
  scale: z.number().min(0.25).max(4).describe('Of the present memory: 2 is twice as much, 0.5 half of it.'),
  service: z.string().max(128).optional().describe('Default: every one that reports a curve.'),
})

const ratio = z.number().min(0).max(1).nullable()

export const resizePreviewSchema = z.object({
  caches: z.array(
    z.object({
      service: z.string(),
      maxBytes: z.number().nullable(),
      /** What each process might use then. */
      resizedBytes: z.number().nullable(),
      hitRatio: ratio,
      /** null: the curve does not reach that far. */
      resizedHitRatio: ratio,
      samples: z.number(),
      note: z.string(),
    }),
  ),
})

export type ResizePreview = z.infer<typeof resizePreviewSchema>

/** What the hit ratio would be with another memory, between the sizes that processes report. */
export async function previewResize(
  window: ReadWindow,
  { scale, service }: z.output<typeof resizeInputSchema>,
): Promise<ResizePreview> {
  const { caches } = await readCurves(window)
  return {
    caches: caches
      .filter((cache) => service === undefined || cache.service === service)
      .map((cache) => ({
        service: cache.service,
        maxBytes: cache.maxBytes,
        resizedBytes: cache.maxBytes === null ? null : Math.round(cache.maxBytes * scale),
        hitRatio: cache.now,
        resizedHitRatio: hitRatioAt(cache, scale) ?? null,
        samples: cache.samples,
        note:
          cache.verdict === 'wait'
            ? cache.advice
            : `Estimated from sampled reads; set with ${settingOf(cache.service)}.`,
      })),
  }
}

const SETTINGS: Readonly<Record<string, string>> = {
  gateway: 'cache.httpCache.maxBytes',
  'control-plane': 'cache.maxBytes',
}

const settingOf = (service: string): string => SETTINGS[service] ?? 'maxBytes of its createCache'
