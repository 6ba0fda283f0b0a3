import { expect, it } from 'vitest'
import type { SharedStore, Version } from '../drivers/driver.ts'
import { record, versionOf, type Bench } from './harness.ts'

const KEYS = ['N:a', 'N:b', 'N:c'] as const
/** Every record carries these. */
const NAMES = ['*', 't:x'] as const
const STEPS = 250

/** Mulberry32: the same numbers for the same seed, so that a failure can be seen again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** What a cache would take for current: as read, unless it is older than the floor or one of its stamps. */
async function currentValue(store: SharedStore, key: string): Promise<string | undefined> {
  const { records, floor, stamps } = await store.read([key], NAMES)
  const found = records[0]
  if (found === undefined || found.version < floor) return undefined
  return stamps.every((stamp) => found.version >= stamp) ? found.payload.toString() : undefined
}

/**
 * Loads begin, the source changes and is invalidated, loads end and are written, in any order and from two drivers, while
 * the store forgets this and that. Whatever passes for current is what the source says.
 */
export function historyTests(bench: Bench): void {
  it.each([1, 2, 3])('never shows what was invalidated, in any history (seed %d)', async (seed) => {
    const random = randomOf(seed)
    const stores = [await bench.connect({ maxStamps: 5 }), await bench.connect({ maxStamps: 5 })]
    const source = new Map<string, number>(KEYS.map((key) => [key, 0]))
    const loads: { key: string; value: number; version: Version }[] = []
    const outdated: { step: number; key: string; value: string }[] = []
    let [shown, refused] = [0, 0]
    for (let step = 0; step < STEPS; step++) {
      const store = stores[random(2)]!
      const key = KEYS[random(KEYS.length)]!
      const action = random(100)
      if (action < 30) {
        const version = await versionOf(store)
        loads.push({ key, value: source.get(key)!, version })
      } else if (action < 60) {
        const [load] = loads.splice(random(Math.max(1, loads.length)), 1)
        if (load === undefined) continue
        const [written] = await store.write([record(load.key, load.version, `${load.value}`)])
        if (!written) refused++
      } else if (action < 70) {
        source.set(key, source.get(key)! + 1)
        await store.invalidate({ kind: 'keys', keys: [key] })
      } else if (action < 76) {
        for (const every of KEYS) source.set(every, source.get(every)! + 1)
        await store.invalidate({ kind: 'stamps', names: [NAMES[random(NAMES.length)]!] })
      } else if (action < 82) {
        // So many others that the oldest stamps are forgotten.
        await store.invalidate({ kind: 'stamps', names: Array.from({ length: 4 }, () => `t:${random(50)}`) })
      } else if (action < 83) await bench.harness.loseHistory(bench.keyspace)
      else if (action < 84) await bench.harness.flush(bench.keyspace)
      else {
        const value = await currentValue(store, key)
        if (value === undefined) continue
        shown++
        if (value !== `${source.get(key)}`) outdated.push({ step, key, value })
      }
    }
    expect(outdated).toEqual([])
    // It was not empty all the time, and loads were late.
    expect(shown).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
  })
}
