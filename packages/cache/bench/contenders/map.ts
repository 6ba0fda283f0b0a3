import type { Item, Library } from './under-test.ts'

/** The limit: no expiry, no bound, no counting. */
export const library: Library = {
  name: 'Map',
  open() {
    const map = new Map<string, Item>()
    return {
      getSync: (id) => map.get(id),
      get: async (id) => map.get(id),
      async getOrSet(id, load) {
        const known = map.get(id)
        if (known !== undefined) return known
        const loaded = await load()
        map.set(id, loaded)
        return loaded
      },
      set: async (id, value) => map.set(id, value),
      close: async () => map.clear(),
    }
  },
}
