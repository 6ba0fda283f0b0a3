import type { MetricReader, Ports } from '@millrace/core'
import type { CacheManager } from './cache.ts'

/** What the control plane holds: its own cache, and a view of every process's cache through their metrics. */
export interface CacheService {
  cache: CacheManager
  ports: Ports
  now: () => number
  dispose: () => void
}

export interface UsageRow {
  service: string
  namespace: string
  hits: number
  misses: number
  /** null: no read in the window. */
  hitRatio: number | null
}

/** Hits and misses of every process that reports, over the last `windowMs`, by service and namespace. */
export async function readUsage(reader: MetricReader, now: number, windowMs: number): Promise<UsageRow[]> {
  const query = { from: now - windowMs, to: now, aggregate: 'sum', by: ['service', 'namespace'] } as const
  const [hits, misses] = await Promise.all([
    reader.range({ ...query, metric: 'millrace_cache_hits_total' }),
    reader.range({ ...query, metric: 'millrace_cache_misses_total' }),
  ])
  const rows = new Map<string, { service: string; namespace: string; hits: number; misses: number }>()
  for (const [field, result] of [['hits', hits] as const, ['misses', misses] as const]) {
    for (const { labels, values } of result.series) {
      const service = labels.service ?? ''
      const namespace = labels.namespace ?? ''
      const key = `${service} ${namespace}`
      const row = rows.get(key) ?? { service, namespace, hits: 0, misses: 0 }
      row[field] += values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
      rows.set(key, row)
    }
  }
  return [...rows.values()]
    .map((row) => ({ ...row, hitRatio: hitRatio(row) }))
    .sort((a, b) => b.hits + b.misses - (a.hits + a.misses))
}

export const hitRatio = ({ hits, misses }: { hits: number; misses: number }): number | null =>
  hits + misses > 0 ? hits / (hits + misses) : null
