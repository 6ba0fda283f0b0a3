import { operationsPerCpuSecond } from '@millrace/bench'
import { item, type CacheUnderTest, type Item } from './contenders/under-test.ts'

export const ENTRIES = 5_000
/** Reads per call of the harness, so that what it does around a call weighs nothing. */
const BATCH = 500

export const HIT_CASES = ['sync hit', 'async hit', 'getOrSet hit', 'hit, 3 tags'] as const
export type HitCase = (typeof HIT_CASES)[number]

export const ids = Array.from({ length: ENTRIES }, (_, i) => `item-${(i * 2_741) % ENTRIES}`)

let at = 0
// Kept, so that no read is optimised away.
export let sink: unknown
const next = (): string => ids[(at = (at + 1) % ENTRIES)]!

export async function fill(cache: CacheUnderTest): Promise<void> {
  for (const id of ids) {
    await cache.set(id, item(id))
    await cache.setTagged?.(id, item(id))
  }
}

const load = async (): Promise<Item> => item('item-0')

/** CPU time and reads per second of this process; nothing where a cache has no such read. */
export async function hits(
  cache: CacheUnderTest,
  name: HitCase,
  seconds: number,
): Promise<Record<string, number>> {
  const read = readOf(cache, name)
  if (read === undefined) return {}
  const batch = isSync(cache, name)
    ? (): void => {
        for (let i = 0; i < BATCH; i++) sink = read(next())
      }
    : async (): Promise<void> => {
        for (let i = 0; i < BATCH; i++) sink = await read(next())
      }
  const startedAt = performance.now()
  const { perCpuSecond, operations } = await operationsPerCpuSecond(batch, seconds)
  const elapsed = (performance.now() - startedAt) / 1_000
  return { cpu_per_read: 1e9 / perCpuSecond / BATCH, reads_per_second: (operations * BATCH) / elapsed }
}

function readOf(cache: CacheUnderTest, name: HitCase): ((id: string) => unknown) | undefined {
  if (name === 'sync hit') return cache.getSync?.bind(cache)
  if (name === 'async hit') return (id) => cache.get(id)
  if (name === 'getOrSet hit') return (id) => cache.getOrSet(id, load)
  return cache.getTagged?.bind(cache)
}

/** A read that returns a promise is waited for, as its users have to. */
const isSync = (cache: CacheUnderTest, name: HitCase): boolean =>
  !(readOf(cache, name)?.(ids[0]!) instanceof Promise)
