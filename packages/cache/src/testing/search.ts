import { expect, it } from 'vitest'
import type { SharedStore } from '../drivers/driver.ts'
import { escapeGlob, matchGlob } from '../glob.ts'
import { record, texts, versionOf, type Bench } from './harness.ts'

const never = new AbortController().signal
const ALL = { limit: 1_000, maxScanned: 100_000 }

async function fill(store: SharedStore, keys: readonly string[]): Promise<void> {
  const version = await versionOf(store)
  await store.write(keys.map((key) => record(key, version)))
}

export function searchTests(bench: Bench): void {
  it('sweeps what matches, wherever it lies, and says how much', async () => {
    const [store, other] = [
      await bench.connect(),
      await bench.connect({ keyspace: `${bench.keyspace}-other` }),
    ]
    const keys = Array.from({ length: 40 }, (_, index) => `N:${index}`)
    await fill(store, [...keys, 'M:1'])
    await fill(other, ['N:1'])
    expect(await store.sweep('N:*', never)).toBe(40)
    expect(await texts(store, 'N:0', 'N:39', 'M:1')).toEqual([undefined, undefined, 'M:1'])
    expect(await texts(other, 'N:1')).toEqual(['N:1'])
    expect(await store.sweep('N:*', never)).toBe(0)
  })

  it('knows the pattern language: * ? and \\ before one of them', async () => {
    const store = await bench.connect()
    const keys = [
      'N:a',
      'N:ab',
      'N:ä',
      'N:😀',
      'N:*',
      'N:?',
      'N:[a]',
      'N:\\',
      'N:a*b',
      'N:a/b',
      'N:^a',
      'N:-',
    ]
    await fill(store, keys)
    const patterns = [
      'N:?',
      'N:??',
      'N:a*',
      'N:\\*',
      'N:\\?',
      'N:[a]',
      'N:[ab]',
      'N:[^a]',
      'N:a\\*b',
      'N:\\\\',
      '*',
      'N:',
    ]
    for (const pattern of patterns) {
      const expected = keys.filter((key) => matchGlob(pattern, key)).toSorted()
      const { keys: found, more } = await store.list(pattern, ALL)
      expect({ pattern, found: found.toSorted(), more }).toEqual({ pattern, found: expected, more: false })
    }
    for (const key of keys) expect(await store.sweep(escapeGlob(key), never)).toBe(1)
  })

  it('leaves tombstones when it sweeps: what they keep out is on its way still', async () => {
    const store = await bench.connect()
    const began = await versionOf(store)
    await fill(store, ['N:a', 'N:b'])
    await store.invalidate({ kind: 'keys', keys: ['N:a'] })
    expect(await store.sweep('N:*', never)).toBe(1)
    expect(await store.write([record('N:a', began, 'late')])).toEqual([false])
  })

  it('stops to sweep when told', async () => {
    const store = await bench.connect()
    await fill(store, ['N:a'])
    const reason = new Error('enough')
    await expect(store.sweep('N:*', AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(await texts(store, 'N:a')).toEqual(['N:a'])
  })

  it('a pattern that is invalidated issues a version and removes nothing by itself', async () => {
    const store = await bench.connect()
    await fill(store, ['N:a'])
    const before = await versionOf(store)
    expect(await store.invalidate({ kind: 'pattern', pattern: 'N:*' })).toBeGreaterThan(before)
    expect(await texts(store, 'N:a')).toEqual(['N:a'])
  })

  it('lists at most as many as asked for, and says whether there are more', async () => {
    const store = await bench.connect()
    await fill(store, ['N:1', 'N:2', 'N:3', 'M:1'])
    await store.invalidate({ kind: 'keys', keys: ['N:3', 'N:4'] })
    const two = await store.list('N:*', { ...ALL, limit: 2 })
    expect({ keys: two.keys.toSorted(), more: two.more }).toEqual({ keys: ['N:1', 'N:2'], more: false })
    const one = await store.list('N:*', { ...ALL, limit: 1 })
    expect(one.keys).toHaveLength(1)
    expect(one.more).toBe(true)
  })

  it('looks at a limited number of keys', async () => {
    const store = await bench.connect()
    await fill(
      store,
      Array.from({ length: 200 }, (_, index) => `N:${index}`),
    )
    expect(await store.list('M:*', { limit: 10, maxScanned: 20 })).toEqual({ keys: [], more: true })
  })
}
