import { z } from 'zod'
import { countOf, levelOf, type ReadWindow, type Reading } from './metric-reads.ts'

const ratio = z.number().min(0).max(1).nullable()

const row = z.object({
  service: z.string(),
  namespace: z.string(),
  /** Reads answered from any tier. */
  hits: z.number(),
  misses: z.number(),
  /** Hits per read; null: no read in the window. */
  hitRatio: ratio,
  memoryHits: z.number(),
  sharedHits: z.number(),
  evictions: z.number(),
  stampedesAvoided: z.number(),
  earlyRefreshes: z.number(),
  staleServed: z.number(),
  /** At present, over all processes of the service. */
  entries: z.number(),
  bytes: z.number(),
})

const tier = z.object({
  tier: z.string(),
  /** Reads that came as far as this tier. */
  reads: z.number(),
  hits: z.number(),
  hitRatio: ratio,
})

export const usageSchema = z.object({
  windowMs: z.number(),
  hits: z.number(),
  misses: z.number(),
  hitRatio: ratio,
  /** In the order in which a read asks them. */
  tiers: z.array(tier),
  /** Most reads first. */
  rows: z.array(row),
})

export type CacheUsage = z.infer<typeof usageSchema>
export type UsageRow = z.infer<typeof row>

const BY = ['service', 'namespace'] as const
const ORIGIN_TIERS = ['memory', 'shared'] as const

/** Hits, misses and levels of every process that reports, over the last `windowMs`, by service and namespace. */
export async function readUsage(window: ReadWindow): Promise<CacheUsage> {
  const [hits, misses, evictions, stampedes, early, stale, entries, size] = await Promise.all([
    countOf(window, 'hits', [...BY, 'tier']),
    countOf(window, 'misses', BY),
    countOf(window, 'evictions', BY),
    countOf(window, 'stampedesAvoided', BY),
    countOf(window, 'earlyRefreshes', BY),
    countOf(window, 'staleServed', BY),
    levelOf(window, 'entries', BY),
    levelOf(window, 'size', BY),
  ])
  const rows = new Map<string, UsageRow>()
  const add = (readings: readonly Reading[], field: (row: UsageRow, reading: Reading) => void): void => {
    for (const reading of readings) {
      const { service = '', namespace = '' } = reading.labels
      const key = `${service} ${namespace}`
      const found = rows.get(key) ?? emptyRow(service, namespace)
      rows.set(key, found)
      field(found, reading)
    }
  }
  add(hits, (target, { labels, value }) => {
    target.hits += value
    if (labels.tier === 'shared') target.sharedHits += value
    else target.memoryHits += value
  })
  add(misses, (target, { value }) => void (target.misses += value))
  add(evictions, (target, { value }) => void (target.evictions += value))
  add(stampedes, (target, { value }) => void (target.stampedesAvoided += value))
  add(early, (target, { value }) => void (target.earlyRefreshes += value))
  add(stale, (target, { value }) => void (target.staleServed += value))
  add(entries, (target, { value }) => void (target.entries += value))
  add(size, (target, { value }) => void (target.bytes += value))
  const list = [...rows.values()].map((found) => ({ ...found, hitRatio: hitRatio(found) }))
  const total = { hits: sum(hits), misses: sum(misses) }
  return {
    windowMs: window.windowMs,
    ...total,
    hitRatio: hitRatio(total),
    tiers: tiersOf(hits, total.misses),
    rows: list.toSorted((a, b) => b.hits + b.misses - (a.hits + a.misses)),
  }
}

/** A read asks memory first; what memory does not have comes to the shared tier. */
function tiersOf(hits: readonly Reading[], misses: number): CacheUsage['tiers'] {
  const inTier = (name: string): number => sum(hits.filter(({ labels }) => labels.tier === name))
  let beyond = sum(hits) + misses
  return ORIGIN_TIERS.filter((name) => name === 'memory' || inTier(name) > 0).map((name) => {
    const own = inTier(name)
    const reads = beyond
    beyond -= own
    return { tier: name, reads, hits: own, hitRatio: reads > 0 ? own / reads : null }
  })
}

export const hitRatio = ({ hits, misses }: { hits: number; misses: number }): number | null =>
  hits + misses > 0 ? hits / (hits + misses) : null

const sum = (readings: readonly Reading[]): number => readings.reduce((total, { value }) => total + value, 0)

const emptyRow = (service: string, namespace: string): UsageRow => ({
  service,
  namespace,
  hits: 0,
  misses: 0,
  hitRatio: null,
  memoryHits: 0,
  sharedHits: 0,
  evictions: 0,
  stampedesAvoided: 0,
  earlyRefreshes: 0,
  staleServed: 0,
  entries: 0,
  bytes: 0,
})
