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
  // What the Caching tab reads besides the above; whoever owns the part records it under exactly this name.
  maxEntries: { kind: 'gauge', unit: '1', help: 'Entries the memory tier may hold', labels: [] },
  maxSize: { kind: 'gauge', unit: 'By', help: 'Memory the entries of the memory tier may take', labels: [] },
  operationDuration: {
    kind: 'histogram',
    unit: 's',
    help: 'How long an operation of a tier took: get, set or invalidate (of memory: a sample of get and set)',
    labels: ['tier', 'operation'],
  },
  earlyRefreshes: {
    kind: 'counter',
    unit: '1',
    help: 'Loads begun before the entry went stale',
    labels: ['namespace'],
  },
  staleServed: {
    kind: 'counter',
    unit: '1',
    help: 'Stale values returned, by reason: revalidate, error or timeout',
    labels: ['namespace', 'reason'],
  },
  sharedErrors: {
    kind: 'counter',
    unit: '1',
    help: 'Operations of the shared tier that failed, by reason: timeout, unavailable, corrupt or refused',
    labels: ['reason'],
  },
  sharedUp: {
    kind: 'gauge',
    unit: '1',
    help: '1 while the shared tier is used, 0 while the circuit breaker keeps away from it',
    labels: [],
  },
  followerUp: {
    kind: 'gauge',
    unit: '1',
    help: '1 while invalidations of other processes arrive, 0 while the connection for them is down',
    labels: [],
  },
  followerGaps: {
    kind: 'counter',
    unit: '1',
    help: 'Times that invalidations of other processes were missed, so that all of memory had to be read again',
    labels: [],
  },
  undeliveredInvalidations: {
    kind: 'gauge',
    unit: '1',
    help: 'Invalidations that the shared tier has not taken yet; it is not used before it has',
    labels: [],
  },
  replayedInvalidations: {
    kind: 'counter',
    unit: '1',
    help: 'Invalidations delivered to the shared tier after it had been away',
    labels: [],
  },
  curveHitRatio: {
    kind: 'gauge',
    unit: '1',
    help: 'Hit ratio of the memory tier with a multiple of its memory: estimated from sampled keys (SHARDS)',
    // `scale`: 0.25, 0.5, 1, 2, 4 …
    labels: ['scale'],
  },
  curveSamples: {
    kind: 'gauge',
    unit: '1',
    help: 'Sampled reads that the miss-ratio curve rests on',
    labels: [],
  },
  hotKeyReads: {
    kind: 'gauge',
    unit: '1',
    help: 'Reads per second of the hottest keys (a key that is no longer among them: 0)',
    labels: ['namespace', 'key'],
  },
  memoryAlerts: {
    kind: 'gauge',
    unit: '1',
    help: 'Shares that are too high: memory (held of what is allowed), evicted-too-soon (reads of entries that had just left)',
    labels: ['kind', 'namespace'],
  },
  writes: {
    kind: 'counter',
    unit: '1',
    help: 'Writes through a writer, by what became of them: acknowledged, coalesced, delivered, dead or refused',
    labels: ['namespace', 'outcome'],
  },
  writeFailures: {
    kind: 'counter',
    unit: '1',
    help: 'Calls of the origin that failed; write-behind repeats them',
    labels: ['namespace'],
  },
  writesPending: {
    kind: 'gauge',
    unit: '1',
    help: 'Writes that are acknowledged and have not arrived at the origin',
    labels: ['namespace'],
  },
  writeDelay: {
    kind: 'histogram',
    unit: 's',
    help: 'From the acknowledgement of a write to its arrival at the origin',
    labels: ['namespace'],
  },
  warmedKeys: {
    kind: 'counter',
    unit: '1',
    help: 'Keys loaded ahead of demand, by reason: list, refresh, season or sequence',
    labels: ['namespace', 'reason'],
  },
  edgePurges: {
    kind: 'counter',
    unit: '1',
    help: 'Surrogate keys and addresses purged at the edge, by outcome: purged, failed or collapsed',
    labels: ['outcome'],
  },
  edgePurgesPending: {
    kind: 'gauge',
    unit: '1',
    help: 'Surrogate keys and addresses waiting for the edge to accept their purge',
    labels: [],
  },
  relayedInvalidations: {
    kind: 'counter',
    unit: '1',
    help: 'Invalidations handed on to another region, by outcome: relayed, failed or collapsed',
    labels: ['region', 'outcome'],
  },
} as const satisfies MetricTable

export type CacheInstruments = Instruments<typeof cacheMetrics>

export const createCacheInstruments = (registry: MetricRegistry): CacheInstruments =>
  createInstruments(registry, 'cache', cacheMetrics)
