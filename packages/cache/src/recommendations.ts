import type { Recommendation } from '@millrace/core'
import { judgeCurve, type CacheCurve } from './platform/curve-report.ts'

/** What `readCurves` returns, of every service. */
export interface CurveSnapshot {
  caches: readonly Pick<CacheCurve, 'service' | 'samples' | 'maxBytes' | 'half' | 'now' | 'twice'>[]
}

/** Sampled reads beyond which more of them would not make the estimate surer. */
const SURE_AT = 20_000
const METRIC = 'millrace_cache_hits_total / (millrace_cache_hits_total + millrace_cache_misses_total)'
const CURVE = 'millrace_cache_curve_hit_ratio'
const DAY_MS = 24 * 3_600_000

/**
 * Whether a service's cache should have more memory, or could do with less, by its miss-ratio curve. Pure: the same
 * snapshot gives the same recommendations. `verify` measures the hit ratio itself, not the estimate.
 */
export function cacheRecommendations({ caches }: CurveSnapshot): Recommendation[] {
  return caches.flatMap((cache) => {
    const { verdict } = judgeCurve(cache)
    if (cache.now === null) return []
    if (verdict === 'grow' && cache.twice !== null) return [grow(cache, cache.now, cache.twice)]
    if (verdict === 'shrink' && cache.half !== null) return [shrink(cache, cache.now, cache.half)]
    return []
  })
}

type Cache = CurveSnapshot['caches'][number]

function grow(cache: Cache, now: number, twice: number): Recommendation {
  // Of all loads, those that would not happen: what users feel is the misses, not the hits.
  const spared = now < 1 ? (twice - now) / (1 - now) : 0
  return {
    id: `cache.grow.${cache.service}`,
    severity: twice - now >= 0.1 ? 'warning' : 'info',
    title: `Give the cache of ${cache.service} twice the memory`,
    why: `Keys are asked for again after they had to make room. With twice the memory ${percent(twice)} of the reads would hit instead of ${percent(now)}, which spares ${percent(spared)} of the loads.`,
    evidence: evidence(cache, now, 2, twice),
    impact: {
      metric: METRIC,
      estimate: `${points(twice - now)} (LRU estimate)`,
      confidence: confidence(cache.samples),
    },
    difficulty: 'easy',
    verify: { metric: METRIC, windowMs: DAY_MS, keepIf: `rises by at least ${points((twice - now) / 2)}` },
  }
}

function shrink(cache: Cache, now: number, half: number): Recommendation {
  return {
    id: `cache.shrink.${cache.service}`,
    severity: 'info',
    title: `The cache of ${cache.service} needs only half of its memory`,
    why: `Nearly all reads find what was used lately: with half the memory ${percent(half)} would hit instead of ${percent(now)}. What is freed serves the processes better.`,
    evidence: evidence(cache, now, 0.5, half),
    impact: {
      metric: 'process memory',
      estimate:
        cache.maxBytes === null ? 'half of the cache' : `${mebibytes(cache.maxBytes / 2)} per process`,
      confidence: confidence(cache.samples),
    },
    difficulty: 'easy',
    verify: { metric: METRIC, windowMs: DAY_MS, keepIf: 'falls by less than 1 point' },
  }
}

function evidence(cache: Cache, now: number, scale: number, expected: number): Recommendation['evidence'] {
  const source = (at: number): string => `${CURVE}{service="${cache.service}",scale="${at}"}`
  return [
    { metric: 'hit ratio with the present memory', value: now, unit: '1', source: source(1) },
    { metric: `hit ratio with ${scale} times the memory`, value: expected, unit: '1', source: source(scale) },
    {
      metric: 'sampled reads',
      value: Math.round(cache.samples),
      unit: '1',
      source: `millrace_cache_curve_samples{service="${cache.service}"}`,
    },
    ...(cache.maxBytes === null
      ? []
      : [
          {
            metric: 'memory allowed per process',
            value: cache.maxBytes,
            target: cache.maxBytes * scale,
            unit: 'By',
            source: `millrace_cache_max_size_bytes{service="${cache.service}"}`,
          },
        ]),
  ]
}

/** Never certain: tomorrow's reads may be others. */
const confidence = (samples: number): number => Math.min(0.9, 0.5 + 0.4 * Math.min(1, samples / SURE_AT))
const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`
const points = (ratio: number): string => `${(ratio * 100).toFixed(1)} points of hit ratio`
const mebibytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`
