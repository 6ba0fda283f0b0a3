import type { Logger } from '../logger/logger.ts'
import type { MetricRegistry } from '../metrics/registry.ts'
import type { Cache } from './cache.ts'

/**
 * A cache that a process of the data plane shares with its likes, on this machine and on others. Never an error and never
 * slow: a store that is away means that nothing is found and nothing is kept.
 */
export interface SharedCache extends Cache {
  close(): Promise<void>
}

export interface SharedCacheContext {
  /** Of the keyspace: `images`. Everybody who says the same name shares it. */
  name: string
  /** What is kept, and for how long: encoded already, it is not compressed. */
  namespace: string
  ttlMs: number
  /** Larger values stay in the process. */
  maxValueBytes: number
  /** Of what is held in this process's memory as well; 0: nothing is. */
  memoryBytes: number
  logger: Logger
  registry: MetricRegistry
}

/**
 * How such a process gets one: the capability that has it names a module, which the process imports, and options to hand
 * over. The module exports `createSharedCache: SharedCacheFactory`.
 */
export interface SharedCacheModule {
  /** `import()`-able: a file URL. */
  module: string
  /** Plain data. Secret: it says how the store is entered. */
  options: unknown
}

export type SharedCacheFactory = (options: unknown, context: SharedCacheContext) => Promise<SharedCache>
