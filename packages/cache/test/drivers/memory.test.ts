import { fakeClock } from '@millrace/testing'
import { createMemoryStore, type MemoryStore } from '../../src/drivers/memory.ts'
import { driverSuite } from '../../src/testing/index.ts'

driverSuite(
  'memory',
  async () => {
    const clock = fakeClock()
    const stores = new Map<string, MemoryStore>()
    let isAway = false
    const storeOf = (
      keyspace: string,
      limits: { maxStamps?: number; maxNotices?: number } = {},
    ): MemoryStore => {
      const known = stores.get(keyspace)
      if (known !== undefined) return known
      const store = createMemoryStore({ clock, ...limits })
      stores.set(keyspace, store)
      if (isAway) store.disconnect()
      return store
    }
    return {
      driver: ({ keyspace, maxStamps, maxNotices, ...options }) =>
        storeOf(keyspace, {
          ...(maxStamps === undefined ? {} : { maxStamps }),
          ...(maxNotices === undefined ? {} : { maxNotices }),
        }).driver(options),
      elapse: (ms) => clock.advance(ms),
      now: () => clock.now(),
      flush: async (keyspace) => storeOf(keyspace).flush(),
      loseHistory: async (keyspace) => storeOf(keyspace).loseHistory(),
      away: {
        disconnect: () => {
          isAway = true
          for (const store of stores.values()) store.disconnect()
        },
        reconnect: () => {
          isAway = false
          for (const store of stores.values()) store.reconnect()
        },
      },
      stop: async () => undefined,
    }
  },
  { away: true },
)
