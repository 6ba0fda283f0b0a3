import { z } from 'zod'
import type { Entry } from './memory/entry.ts'
import type { MemoryStore } from './memory/store.ts'
import type { Namespace } from './namespace.ts'
import type { CacheLimits } from './options.ts'

const counts = {
  entries: z.number().int(),
  bytes: z.number(),
  hits: z.number().int(),
  misses: z.number().int(),
  evictions: z.number().int(),
  /** Hits per read since the process started; null before the first read. */
  hitRatio: z.number().min(0).max(1).nullable(),
}

export const cacheStatsSchema = z.object({
  ...counts,
  maxEntries: z.number().int(),
  maxBytes: z.number(),
  namespaces: z.array(z.object({ name: z.string(), ttlMs: z.number().nullable(), ...counts })),
})

export type CacheStats = z.infer<typeof cacheStatsSchema>

export const entryDescriptionSchema = z.object({
  bytes: z.number(),
  ageMs: z.number(),
  /** null: never expires. */
  remainingMs: z.number().nullable(),
  tags: z.array(z.string()),
})

export type EntryDescription = z.infer<typeof entryDescriptionSchema>

const ratio = (hits: number, misses: number): number | null =>
  hits + misses === 0 ? null : hits / (hits + misses)

export function cacheStats(
  limits: CacheLimits,
  store: MemoryStore,
  namespaces: Iterable<Namespace>,
): CacheStats {
  const total = { hits: 0, misses: 0, evictions: 0 }
  const rows: CacheStats['namespaces'] = []
  for (const { name, ttlMs, entries, bytes, hits, misses, evictions } of namespaces) {
    total.hits += hits
    total.misses += misses
    total.evictions += evictions
    rows.push({
      name,
      ttlMs: finite(ttlMs),
      entries: entries.size,
      bytes,
      hits,
      misses,
      evictions,
      hitRatio: ratio(hits, misses),
    })
  }
  return {
    entries: store.entries,
    bytes: store.bytes,
    maxEntries: limits.maxEntries,
    maxBytes: limits.maxBytes,
    ...total,
    hitRatio: ratio(total.hits, total.misses),
    namespaces: rows,
  }
}

export const describeEntry = (entry: Entry, now: number): EntryDescription => ({
  bytes: entry.bytes,
  ageMs: now - entry.storedAt,
  remainingMs: finite(entry.expiresAt - now),
  tags: [...entry.tags],
})

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
