import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisDriver } from 'bentocache/drivers/redis'
import { TAGS, TTL_MS, type CacheUnderTest, type Library } from './under-test.ts'

/** Values by reference in memory, as we keep them: the fastest that it can be. */
const memory = () => memoryDriver({ maxItems: 100_000, serialize: false })

function underTest(bento: {
  get(options: { key: string }): Promise<unknown>
  set(options: { key: string; value: unknown; ttl?: number; tags?: string[] }): Promise<unknown>
  getOrSet(options: { key: string; factory: () => Promise<unknown>; ttl?: number }): Promise<unknown>
  disconnectAll(): Promise<void>
}): CacheUnderTest {
  return {
    get: (key) => bento.get({ key }),
    getOrSet: (key, factory) => bento.getOrSet({ key, factory, ttl: TTL_MS }),
    set: (key, value) => bento.set({ key, value, ttl: TTL_MS }),
    setTagged: (key, value) => bento.set({ key: `tagged-${key}`, value, ttl: TTL_MS, tags: TAGS }),
    getTagged: (key) => bento.get({ key: `tagged-${key}` }),
    close: () => bento.disconnectAll(),
  }
}

export const library: Library = {
  name: 'bentocache',
  open: () =>
    underTest(new BentoCache({ default: 'one', stores: { one: bentostore().useL1Layer(memory()) } })),
  async openTwoTier(url) {
    const { hostname: host, port } = new URL(url)
    const shared = redisDriver({ connection: { host, port: Number(port) } })
    const two = bentostore().useL1Layer(memory()).useL2Layer(shared)
    return underTest(new BentoCache({ default: 'two', stores: { two } }))
  },
}
