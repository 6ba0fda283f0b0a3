import {
  createInstruments,
  type Instruments,
  type MetricRegistry,
  type MetricTable,
} from '@millrace/core/metrics'

export const cacheMetrics = {
  hits: { kind: 'counter', unit: '1', help: 'Reads answered from the cache', labels: ['namespace', 'tier'] },
  misses: { kind: 'counter', unit: '1', help: 'Reads that found nothing fresh', labels: ['namespace'] },
  evictions: {
    kind: 'counter',
    unit: '1',
    help: 'Entries dropped before their time to make room',
    labels: ['namespace'],
  },
  rejections: {
    kind: 'counter',
    unit: '1',
    help: 'Values not stored because they are larger than one entry may be',
    labels: ['namespace'],
  },
  invalidations: {
    kind: 'counter',
    unit: '1',
    help: 'Invalidations by kind: key, tag, pattern or clear',
    labels: ['kind'],
  },
  loadDuration: {
    kind: 'histogram',
    unit: 's',
    help: 'How long loaders of getOrSet took',
    labels: ['namespace'],
  },
  loadErrors: { kind: 'counter', unit: '1', help: 'Loaders that failed or timed out', labels: ['namespace'] },
  discardedLoads: {
    kind: 'counter',
    unit: '1',
    help: 'Loaded values not stored because they were invalidated while loading',
    labels: ['namespace'],
  },
  stampedesAvoided: {
    kind: 'counter',
    unit: '1',
    help: 'Reads that waited for a load in progress instead of starting another',
    labels: ['namespace'],
  },
  entries: { kind: 'gauge', unit: '1', help: 'Entries in memory', labels: ['namespace'] },
  size: { kind: 'gauge', unit: 'By', help: 'Estimated memory of the entries', labels: ['namespace'] },
} as const satisfies MetricTable

export type CacheInstruments = Instruments<typeof cacheMetrics>

export const createCacheInstruments = (registry: MetricRegistry): CacheInstruments =>
  createInstruments(registry, 'cache', cacheMetrics)
