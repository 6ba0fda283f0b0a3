export interface Item {
  id: number
  name: string
}

export const item = (id: string): Item => ({ id: Number(id.slice(5)), name: `Item ${id}` })

export const TTL_MS = 300_000
export const TAGS = ['product', 'catalogue', 'tenant:1']

/** What every cache can do, in one form. A cache that has no synchronous read, or no tags, leaves it out. */
export interface CacheUnderTest {
  getSync?(id: string): unknown
  get(id: string): Promise<unknown>
  getOrSet(id: string, load: () => Promise<Item>): Promise<unknown>
  /** Resolves when it is where it belongs, in every tier. */
  set(id: string, value: Item): Promise<unknown>
  /** A value that carries the three tags. */
  setTagged?(id: string, value: Item): Promise<unknown>
  getTagged?(id: string): unknown
  close(): Promise<unknown>
}

export interface Library {
  name: string
  ours?: boolean
  /** In memory alone, with room for everything. */
  open(): CacheUnderTest
  /** Memory over Redis; missing where there is no second tier. `url`: `redis://127.0.0.1:…`. */
  openTwoTier?(url: string): Promise<CacheUnderTest>
}
