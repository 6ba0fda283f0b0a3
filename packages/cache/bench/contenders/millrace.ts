import { MetricRegistry } from '@millrace/core/metrics'
import { redisSettings } from '@millrace/core/redis'
import { createCache, type CacheManager, type CacheOptions } from '../../src/index.ts'
import { TAGS, TTL_MS, type CacheUnderTest, type Library } from './under-test.ts'

const open = (options: CacheOptions = {}): CacheManager =>
  createCache({
    maxEntries: 100_000,
    namespaces: { plain: { ttlMs: TTL_MS } },
    registry: new MetricRegistry(),
    ...options,
  })

function underTest(cache: CacheManager): CacheUnderTest {
  return {
    getSync: (id) => cache.getSync('plain', id),
    get: (id) => cache.get('plain', id),
    getOrSet: (id, load) => cache.getOrSet('plain', id, load),
    set: (id, value) => cache.set('plain', id, value),
    setTagged: (id, value) => cache.set('tagged', id, value, { tags: TAGS }),
    getTagged: (id) => cache.getSync('tagged', id),
    close: async () => cache.close(),
  }
}

export const library: Library = {
  name: 'millrace',
  ours: true,
  open: () => underTest(open()),
  async openTwoTier(url) {
    const cache = open({ name: 'bench', redis: redisSettings.parse({ url }) })
    await cache.ready()
    return underTest(cache)
  },
}
