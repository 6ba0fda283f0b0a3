import { MetricRegistry } from '@millrace/core/metrics'
import { createCache, type CacheOptions } from '../../src/index.ts'
import { belady } from './belady.ts'
import { Fifo, Lfu } from './references.ts'
import type { Trace } from './trace.ts'

/** The default first. */
const POLICIES: Record<string, CacheOptions['eviction']> = {
  adaptive: 'adaptive',
  's3-fifo': 's3-fifo',
  'w-tinylfu': 'w-tinylfu',
  sieve: 'sieve',
  lru: 'lru',
  lfu: () => new Lfu(),
  fifo: () => new Fifo(),
}

export const POLICY_NAMES = [...Object.keys(POLICIES), 'belady']

/** Hits per request, by policy, of a cache with room for `size` entries: through the cache itself, as an application uses it. */
export function hitRatios(trace: Trace, size: number): Record<string, number> {
  const ratios: Record<string, number> = {}
  for (const [name, eviction] of Object.entries(POLICIES)) ratios[name] = replay(trace, size, eviction)
  ratios.belady = belady(trace.keys, trace.names.length, size)
  return ratios
}

function replay({ keys, names }: Trace, size: number, eviction: CacheOptions['eviction']): number {
  const cache = createCache({
    maxEntries: size,
    maxBytes: Number.MAX_SAFE_INTEGER,
    maxKeyLength: Number.MAX_SAFE_INTEGER,
    namespaces: { trace: { ttlMs: Infinity } },
    registry: new MetricRegistry(),
    ...(eviction !== undefined && { eviction }),
  })
  let hits = 0
  for (const key of keys) {
    const name = names[key]!
    if (cache.getSync<boolean>('trace', name) === true) hits++
    else cache.setSync('trace', name, true, { sizeBytes: 1 })
  }
  void cache.close()
  return keys.length === 0 ? 0 : hits / keys.length
}
