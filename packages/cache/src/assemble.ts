import { processRegistry } from '@millrace/core/metrics'
import { Invalidations } from './invalidation.ts'
import { Loads } from './loading/loads.ts'
import { choosePolicy } from './memory/choose-policy.ts'
import { MemoryTier } from './memory/tier.ts'
import { createCacheInstruments, type CacheInstruments } from './metrics.ts'
import { resolveOptions, type CacheLimits, type CacheOptions } from './options.ts'
import { CACHE_POLICIES } from './policies.ts'
import { Reading } from './reading.ts'
import { OpenTier, sharedStore } from './shared/open-tier.ts'
import { Storing } from './storing.ts'
import type { NamespaceTable } from './typed-namespace.ts'

/** What a cache consists of. */
export interface CacheInside {
  limits: CacheLimits
  instruments: CacheInstruments
  tier: MemoryTier
  loads: Loads
  reading: Reading
  storing: Storing
  invalidations: Invalidations
  /** Undefined: this process alone. */
  shared: OpenTier | undefined
}

/** @throws CACHE_OPTION_INVALID, CACHE_TTL_INVALID, CACHE_TAG_INVALID */
export function assemble<Table extends NamespaceTable>(
  options: CacheOptions<Table>,
  closed: AbortSignal,
): CacheInside {
  const limits = resolveOptions(options)
  const policy = choosePolicy(options.eviction ?? 'adaptive', limits)
  const instruments = options.instruments ?? createCacheInstruments(options.registry ?? processRegistry())
  const namespaces = new Map(Object.entries({ ...CACHE_POLICIES, ...options.namespaces }))
  const memory = new MemoryTier(limits, policy, instruments, namespaces)
  const store = sharedStore(options, limits)
  const open = store && new OpenTier(store, { limits, instruments, memory })
  const shared = open?.tier
  const loads = new Loads(memory, { limits, instruments, closed, shared })
  return {
    limits,
    instruments,
    tier: memory,
    loads,
    reading: new Reading(memory, { limits, instruments, loads, shared }),
    storing: new Storing(memory, shared, options.edge),
    invalidations: new Invalidations(memory, closed, shared, options.edge),
    shared: open,
  }
}
