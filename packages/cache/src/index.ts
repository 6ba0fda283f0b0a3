export { createCache, CacheManager } from './cache.ts'
export type {
  Follower,
  Invalidation,
  Notice,
  SharedRead,
  SharedRecord,
  SharedStore,
  SharedWrite,
  Stamps,
  Version,
} from './drivers/driver.ts'
export { createMemoryStore } from './drivers/memory.ts'
export type { MemoryDriverOptions, MemoryStore, MemoryStoreOptions } from './drivers/memory.ts'
export { cacheErrors } from './errors.ts'
export { EDGE_DIALECTS } from './edge/dialect.ts'
export type { EdgeDialect, EdgeName } from './edge/dialect.ts'
export type { EdgeTier } from './edge/edge-tier.ts'
export { edgeHeaders } from './edge/headers.ts'
export type { EdgeHeaderOptions, EdgeHeaders } from './edge/headers.ts'
export type { EdgePurgeOptions, EdgePurgeReport } from './edge/options.ts'
export { EdgePurges } from './edge/purges.ts'
export type { EdgePurgeStats } from './edge/purges.ts'
export { escapeGlob, matchGlob } from './glob.ts'
export type { Middleware } from './http/express.ts'
export type { CacheHooks } from './http/fastify.ts'
export type { HonoContextLike, HonoMiddleware } from './http/hono.ts'
export type { HttpCacheOptions } from './http/request.ts'
export type { Entry } from './memory/entry.ts'
export type { EvictionLimits, EvictionPolicy } from './memory/eviction.ts'
export { Adaptive } from './memory/adaptive.ts'
export type { EvictionChoice, EvictionPolicyName } from './memory/choose-policy.ts'
export { Lru } from './memory/lru.ts'
export { S3Fifo } from './memory/s3-fifo.ts'
export { Sieve } from './memory/sieve.ts'
export { WTinyLfu } from './memory/w-tinylfu.ts'
export { describeCurve, hitRatioAt } from './curve/report.ts'
export type { CacheAlert, CacheReport, CurvePoint, HotKey, MissRatioCurve } from './curve/report.ts'
export type { KeepOptions, Tiers } from './keep.ts'
export type { NamespaceOptions } from './namespace.ts'
export type { CacheOptions, Compression, RefreshSettings, SetOptions } from './options.ts'
export { CACHE_POLICIES, INVALIDATION_GROUPS, TTL } from './policies.ts'
export type { CachePolicy, InvalidationGroup } from './policies.ts'
export type { Schema } from './schema.ts'
export type { SharedStatus } from './shared/open-tier.ts'
export type { CacheStats, EntryDescription } from './stats.ts'
export { TypedNamespace } from './typed-namespace.ts'
export type { NamespaceTable, ValueOf } from './typed-namespace.ts'
export type { RegionOptions, RegionRelayOptions } from './regions/options.ts'
export type { RegionStats } from './regions/region-end.ts'
export { createRegionRelay } from './regions/relay.ts'
export type { RegionRelay } from './regions/relay.ts'
export { mountWarmingJobs, warmingJobs } from './warming/jobs.ts'
export type { WarmingJob, WarmingJobOptions } from './warming/jobs.ts'
export type { PredictOptions, RefreshOptions, WarmerOptions, WarmLoader } from './warming/options.ts'
export type { SeasonSnapshot } from './warming/season-model.ts'
export type { WarmKey, WarmProgress, WarmReport, WarmSource } from './warming/warm-keys.ts'
export { createWarmer, Warmer } from './warming/warmer.ts'
export type { WarmerStats } from './warming/warmer.ts'
export type { BehindStats } from './writing/behind-types.ts'
export type { DeadLetter } from './writing/dead-letters.ts'
export type {
  BehindOptions,
  WriteEntry,
  WriteFailure,
  WriteOrigin,
  WriterOptions,
  WriteStrategy,
} from './writing/options.ts'
export { createWriter } from './writing/writer.ts'
export type { Writer } from './writing/writer.ts'
