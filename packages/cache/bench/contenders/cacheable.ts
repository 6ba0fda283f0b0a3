import KeyvRedis from '@keyv/redis'
import { Cacheable, KeyvCacheableMemory } from 'cacheable'
import { Keyv } from 'keyv'
import { TAGS, TTL_MS, type CacheUnderTest, type Library } from './under-test.ts'

function underTest(cache: Cacheable, tagged?: Cacheable): CacheUnderTest {
  return {
    get: (id) => cache.get(id),
    getOrSet: (id, load) => cache.getOrSet(id, load, { ttl: TTL_MS }),
    set: (id, value) => cache.set(id, value, TTL_MS),
    ...(tagged !== undefined && {
      setTagged: (id, value) => tagged.set(id, value, { ttl: TTL_MS, tags: TAGS }),
      getTagged: (id) => tagged.get(id),
    }),
    async close() {
      await cache.disconnect()
      await tagged?.disconnect()
    },
  }
}

export const library: Library = {
  name: 'cacheable',
  // Tags make every read of an instance look them up: the reads without tags have one without.
  open: () => underTest(new Cacheable({ ttl: TTL_MS }), new Cacheable({ ttl: TTL_MS, tags: true })),
  async openTwoTier(url) {
    const primary = new Keyv({ store: new KeyvCacheableMemory({ useClone: false }) })
    const cache = new Cacheable({ ttl: TTL_MS, primary, secondary: new KeyvRedis(url) })
    cache.on('error', () => undefined)
    return underTest(cache)
  },
}
