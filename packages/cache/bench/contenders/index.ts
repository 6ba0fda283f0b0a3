import { library as bentocache } from './bentocache.ts'
import { library as cacheManager } from './cache-manager.ts'
import { library as cacheable } from './cacheable.ts'
import { library as lruCache } from './lru-cache.ts'
import { library as map } from './map.ts'
import { library as millrace } from './millrace.ts'
import type { Library } from './under-test.ts'

/** Ours first. */
export const LIBRARIES: readonly Library[] = [millrace, lruCache, cacheManager, cacheable, bentocache, map]
