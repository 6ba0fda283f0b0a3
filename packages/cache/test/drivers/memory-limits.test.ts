import { describe, expect, it } from 'vitest'
import { fakeClock } from '@millrace/testing'
import type { SharedStore } from '../../src/drivers/driver.ts'
import { createMemoryStore, type MemoryStoreOptions } from '../../src/drivers/memory.ts'
import { Recorder, record, texts, versionOf } from '../../src/testing/harness.ts'

async function open(options: MemoryStoreOptions): Promise<SharedStore> {
  const store = createMemoryStore({ clock: fakeClock(), ...options }).driver()
  await store.connect()
  return store
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the store in memory', () => {
  it('keeps so many records, those that were used last', async () => {
    const store = await open({ maxRecords: 3 })
    const version = await versionOf(store)
    for (const key of ['N:a', 'N:b', 'N:c']) await store.write([record(key, version)])
    await texts(store, 'N:a')
    await store.write([record('N:d', version)])
    expect(await texts(store, 'N:a', 'N:b', 'N:c', 'N:d')).toEqual(['N:a', undefined, 'N:c', 'N:d'])
  })

  it('keeps so many bytes', async () => {
    const store = await open({ maxBytes: 10_000 })
    const version = await versionOf(store)
    for (let index = 0; index < 20; index++)
      await store.write([record(`N:${index}`, version, 'x'.repeat(1_000))])
    const { usedBytes, maxBytes } = await store.ping()
    expect(maxBytes).toBe(10_000)
    expect(usedBytes).toBeLessThanOrEqual(10_000)
    expect(usedBytes).toBeGreaterThan(5_000)
    expect((await store.list('*', { limit: 100, maxScanned: 100 })).keys).toHaveLength(8)
  })

  it('a tombstone that has to go takes everything from before it along', async () => {
    const store = await open({ maxRecords: 2 })
    const began = await versionOf(store)
    const version = await store.invalidate({ kind: 'keys', keys: ['N:a'] })
    await store.write([record('N:b', version), record('N:c', version)])
    expect(await store.write([record('N:a', began, 'late')])).toEqual([true])
    const { records, floor } = await store.read(['N:a'], [])
    expect(records[0]!.version).toBeLessThan(floor)
  })

  it('reports a gap to who is further behind than the log reaches back', async () => {
    const memory = createMemoryStore({ clock: fakeClock(), maxNotices: 3 })
    const store = memory.driver()
    await store.connect()
    const recorder = new Recorder()
    await store.follow(recorder)
    await turn()
    // In one turn: the follower sees nothing in between.
    await Promise.all([1, 2, 3].map((tag) => store.invalidate({ kind: 'stamps', names: [`t:${tag}`] })))
    await turn()
    expect(recorder.notices).toHaveLength(3)
    for (let tag = 0; tag < 4; tag++) void store.invalidate({ kind: 'stamps', names: [`t:${tag}`] })
    await turn()
    expect(recorder).toMatchObject({ gaps: 1, connected: true })
    memory.disconnect()
    await turn()
    expect(recorder.connected).toBe(false)
  })

  it.each(['maxRecords', 'maxBytes', 'maxStamps', 'maxNotices'] as const)('refuses 0 for %s', (field) => {
    expect(() => createMemoryStore({ [field]: 0 })).toThrow(field)
  })

  it('does not let the clock go back', async () => {
    const clock = fakeClock()
    const store = createMemoryStore({ clock }).driver()
    await store.connect()
    const before = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    clock.jump(-3_600_000)
    expect(await store.invalidate({ kind: 'stamps', names: ['t:a'] })).toBe(before + 1)
  })
})
