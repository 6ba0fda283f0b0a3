import { expect, it } from 'vitest'
import { eventually, texts, type Bench } from './harness.ts'

export function lockTests(bench: Bench): void {
  it('gives a lock to one, until it is unlocked', async () => {
    const [one, two] = [await bench.connect(), await bench.connect()]
    const asked = await Promise.all([one.lock('N:a', 'A', 60_000), two.lock('N:a', 'B', 60_000)])
    expect(asked.filter(Boolean)).toHaveLength(1)
    const [holder, waiter] = asked[0] ? ['A', 'B'] : ['B', 'A']
    expect(await two.lock('N:a', waiter, 60_000)).toBe(false)
    expect(await one.lock('N:b', waiter, 60_000)).toBe(true)
    await one.unlock('N:a', holder)
    expect(await two.lock('N:a', waiter, 60_000)).toBe(true)
  })

  it('is ours still when it is asked for again', async () => {
    const store = await bench.connect()
    expect(await store.lock('N:a', 'A', 60_000)).toBe(true)
    expect(await store.lock('N:a', 'A', 60_000)).toBe(true)
  })

  it('is not unlocked or extended by another', async () => {
    const store = await bench.connect()
    await store.lock('N:a', 'A', 60_000)
    await store.unlock('N:a', 'B')
    expect(await store.extend('N:a', 'B', 60_000)).toBe(false)
    expect(await store.lock('N:a', 'B', 60_000)).toBe(false)
    expect(await store.extend('N:a', 'A', 60_000)).toBe(true)
    expect(await store.extend('N:none', 'A', 60_000)).toBe(false)
    await store.unlock('N:none', 'A')
  })

  it('falls when its time is over', async () => {
    const [one, two] = [await bench.connect(), await bench.connect()]
    await one.lock('N:a', 'A', 40)
    await bench.harness.elapse(41)
    await eventually(async () => expect(await two.lock('N:a', 'B', 60_000)).toBe(true))
    expect(await one.extend('N:a', 'A', 60_000)).toBe(false)
    await one.unlock('N:a', 'A')
    expect(await two.extend('N:a', 'B', 60_000)).toBe(true)
  })

  it('stands as long as it is extended', async () => {
    const [one, two] = [await bench.connect(), await bench.connect()]
    await one.lock('N:a', 'A', 1_000)
    expect(await one.extend('N:a', 'A', 60_000)).toBe(true)
    await bench.harness.elapse(1_001)
    expect(await two.lock('N:a', 'B', 60_000)).toBe(false)
  })

  it('is neither a record nor a key of another keyspace', async () => {
    const store = await bench.connect()
    const other = await bench.connect({ keyspace: `${bench.keyspace}-other` })
    await store.lock('N:a', 'A', 60_000)
    expect(await texts(store, 'N:a')).toEqual([undefined])
    expect(await store.list('*', { limit: 10, maxScanned: 100_000 })).toEqual({ keys: [], more: false })
    expect(await store.sweep('*', new AbortController().signal)).toBe(0)
    expect(await other.lock('N:a', 'B', 60_000)).toBe(true)
    expect(await store.extend('N:a', 'A', 60_000)).toBe(true)
  })
}
