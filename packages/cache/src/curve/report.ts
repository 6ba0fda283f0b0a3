import { z } from 'zod'

/** Shares of the present memory that are answered for everywhere, in metrics too. */
export const CURVE_SCALES = [0.25, 0.5, 1, 2, 4] as const

const ratio = z.number().min(0).max(1)

const curvePointSchema = z.object({
  /** Of the present limits: 2 is twice as many entries and twice as many bytes. */
  scale: z.number().positive(),
  entries: z.number(),
  bytes: z.number(),
  /** Expected hits per read of an LRU cache of that size; `eviction: 'adaptive'` usually does a little better. */
  hitRatio: ratio,
})

/** What the hit ratio would be at other sizes: Waldspurger et al., "Efficient MRC Construction with SHARDS", FAST 2015. */
export const missRatioCurveSchema = z.object({
  /** null: the whole cache. The namespaces share its memory: their curves are by its size, too. */
  namespace: z.string().nullable(),
  /** Reads that the curve speaks for; older ones weigh less. */
  reads: z.number(),
  /** Of them, those that were looked at: below about 1,000 the curve is a rough guess. */
  sampledReads: z.number(),
  /** Measured over the same reads; null before the first. */
  hitRatio: ratio.nullable(),
  /** By scale, ascending. Empty before the first read. */
  points: z.array(curvePointSchema),
})

export const hotKeySchema = z.object({
  namespace: z.string(),
  id: z.string(),
  /** Estimated share of all reads; older ones weigh less. At most `error` too high. */
  share: ratio,
  error: ratio,
  /** At the present rate of reads. */
  readsPerSecond: z.number().min(0),
})

export const cacheAlertSchema = z.object({
  kind: z.enum(['memory', 'evicted-too-soon']),
  /** null: the whole cache. */
  namespace: z.string().nullable(),
  /** In milliseconds since the epoch. */
  since: z.number(),
  value: z.number(),
  threshold: z.number(),
  reason: z.string(),
})

/** Everything that is known of how a cache uses its memory. Plain data: `CacheManager.report()`. */
export const cacheReportSchema = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  entries: z.number(),
  bytes: z.number(),
  maxEntries: z.number(),
  maxBytes: z.number(),
  /** Share of the keys that is sampled. */
  samplingRate: ratio,
  /** The whole cache first, then its namespaces by reads. */
  curves: z.array(missRatioCurveSchema),
  /** Hottest first. */
  hotKeys: z.array(hotKeySchema),
  alerts: z.array(cacheAlertSchema),
})

export type CurvePoint = z.infer<typeof curvePointSchema>
export type MissRatioCurve = z.infer<typeof missRatioCurveSchema>
export type HotKey = z.infer<typeof hotKeySchema>
export type CacheAlert = z.infer<typeof cacheAlertSchema>
export type CacheReport = z.infer<typeof cacheReportSchema>

/** The hit ratio at a scale, between the points around it; undefined outside of them. */
export function hitRatioAt(
  curve: { points: readonly Pick<CurvePoint, 'scale' | 'hitRatio'>[] },
  scale: number,
): number | undefined {
  const { points } = curve
  const above = points.findIndex((point) => point.scale >= scale)
  const upper = points[above]
  if (upper === undefined) return undefined
  if (upper.scale === scale) return upper.hitRatio
  const lower = points[above - 1]
  if (lower === undefined) return undefined
  const position = Math.log(scale / lower.scale) / Math.log(upper.scale / lower.scale)
  return lower.hitRatio + position * (upper.hitRatio - lower.hitRatio)
}

/** One sentence: `Reads hit in 82.1 %; with half the memory 74.0 %, with twice the memory 90.3 %.` */
export function describeCurve(curve: MissRatioCurve): string {
  const percent = (value: number | undefined): string =>
    value === undefined ? 'unknown' : `${(value * 100).toFixed(1)} %`
  const now = percent(curve.hitRatio ?? hitRatioAt(curve, 1))
  const half = percent(hitRatioAt(curve, 0.5))
  const twice = percent(hitRatioAt(curve, 2))
  return `Reads hit in ${now}; expected with half the memory ${half}, with twice the memory ${twice}.`
}
