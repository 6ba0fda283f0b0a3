import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import { Keyv } from 'keyv'
import { TTL_MS, type CacheUnderTest, type Library } from './under-test.ts'

type Manager = ReturnType<typeof createCache>

/** Its own memory store is a Keyv over a Map. */
const underTest = (cache: Manager): CacheUnderTest => ({
  get: (id) => cache.get(id),
  getOrSet: (id, load) => cache.wrap(id, load, TTL_MS),
  set: (id, value) => cache.set(id, value, TTL_MS),
  close: () => cache.disconnect(),
})

export const library: Library = {
  name: 'cache-manager',
  open: () => underTest(createCache({ ttl: TTL_MS })),
  async openTwoTier(url) {
    const stores = [new Keyv(), new Keyv({ store: new KeyvRedis(url) })]
    for (const store of stores) store.on('error', () => undefined)
    return underTest(createCache({ stores, ttl: TTL_MS }))
  },
}
