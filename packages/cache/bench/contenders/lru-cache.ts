import { LRUCache } from 'lru-cache'
import { TTL_MS, type Item, type Library } from './under-test.ts'

export const library: Library = {
  name: 'lru-cache',
  open() {
    const cache = new LRUCache<string, Item, () => Promise<Item>>({
      max: 100_000,
      ttl: TTL_MS,
      fetchMethod: (_id, _stale, { context }) => context(),
    })
    return {
      getSync: (id) => cache.get(id),
      get: async (id) => cache.get(id),
      getOrSet: (id, load) => cache.fetch(id, { context: load }),
      set: async (id, value) => cache.set(id, value),
      close: async () => cache.clear(),
    }
  },
}
