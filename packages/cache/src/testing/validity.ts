import { expect, it } from 'vitest'
import { eventually, record, texts, versionOf, type Bench } from './harness.ts'

export function validityTests(bench: Bench): void {
  it('issues versions that grow, at least as fast as microseconds pass', async () => {
    const [one, two] = [await bench.connect(), await bench.connect()]
    const versions = [await versionOf(one)]
    for (let round = 0; round < 10; round++) {
      versions.push(await (round % 2 ? one : two).invalidate({ kind: 'stamps', names: ['t:a'] }))
    }
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    expect(new Set(versions).size).toBe(versions.length)
    expect(versions.every(Number.isSafeInteger)).toBe(true)
    expect(versions.at(-1)! / 1_000).toBeGreaterThan(bench.harness.now() - 60_000)
    expect(await versionOf(two)).toBe(versions.at(-1))
  })

  it('issues every version once, however many ask at the same time', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => bench.connect()))
    const issued = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        stores[index % 3]!.invalidate({ kind: 'stamps', names: [`t:${index % 7}`] }),
      ),
    )
    expect(new Set(issued).size).toBe(60)
  })

  it('tells when each name was last invalidated, and 0 for never, in the order asked', async () => {
    const [one, two] = [await bench.connect(), await bench.connect()]
    const first = await one.invalidate({ kind: 'stamps', names: ['t:a', 'n:N'] })
    const second = await one.invalidate({ kind: 'stamps', names: ['t:a', '*'] })
    const names = ['t:none', 'n:N', '*', 't:a']
    expect((await two.stamps(names)).stamps).toEqual([0, first, second, second])
    const read = await two.read(['N:x'], names)
    expect(read.stamps).toEqual([0, first, second, second])
    expect(read.version).toBe(second)
    expect(read.floor).toBeLessThan(first)
    expect(read.records).toEqual([undefined])
  })

  it('stamps hundreds of names in one call', async () => {
    const store = await bench.connect()
    const names = Array.from({ length: 250 }, (_, index) => `t:${index}`)
    const before = await versionOf(store)
    const version = await store.invalidate({ kind: 'stamps', names })
    const { stamps } = await store.stamps(names)
    expect(stamps.every((stamp) => stamp > before && stamp <= version)).toBe(true)
  })

  it('makes keys stale at once and leaves the others', async () => {
    const [one, two] = [await bench.connect(), await bench.connect()]
    const version = await versionOf(one)
    await one.write([record('N:a', version), record('N:b', version)])
    await one.invalidate({ kind: 'keys', keys: ['N:a', 'N:none'] })
    expect(await texts(two, 'N:a', 'N:b', 'N:none')).toEqual([undefined, 'N:b', undefined])
  })

  it('refuses what a load writes that began before the invalidation, and takes what began after it', async () => {
    const [one, two] = [await bench.connect(), await bench.connect()]
    const { version: began } = await one.read(['N:a'], [])
    const version = await two.invalidate({ kind: 'keys', keys: ['N:a'] })
    expect(await one.write([record('N:a', began, 'late')])).toEqual([false])
    expect(await texts(two, 'N:a')).toEqual([undefined])
    expect(await versionOf(one)).toBeGreaterThanOrEqual(version)
    expect(await one.write([record('N:a', await versionOf(one), 'fresh')])).toEqual([true])
    expect(await texts(two, 'N:a')).toEqual(['fresh'])
  })

  it('refuses for as long as a tombstone stands', async () => {
    const store = await bench.connect({ tombstoneMs: 40 })
    const began = await versionOf(store)
    await store.invalidate({ kind: 'keys', keys: ['N:a'] })
    await bench.harness.elapse(41)
    await eventually(async () => expect(await store.write([record('N:a', began, 'late')])).toEqual([true]))
  })

  it('invalidates hundreds of keys in one call', async () => {
    const store = await bench.connect()
    const keys = Array.from({ length: 250 }, (_, index) => `N:${index}`)
    const version = await versionOf(store)
    await store.write(keys.map((key) => record(key, version)))
    await store.invalidate({ kind: 'keys', keys })
    expect(await texts(store, ...keys)).toEqual(keys.map(() => undefined))
    expect(await store.write(keys.map((key) => record(key, version)))).toEqual(keys.map(() => false))
  })

  it('forgets the oldest stamps, and raises the floor over them', async () => {
    const store = await bench.connect({ maxStamps: 10 })
    const issued = new Map<string, number>()
    for (let index = 0; index < 30; index++) {
      issued.set(`t:${index}`, await store.invalidate({ kind: 'stamps', names: [`t:${index}`] }))
    }
    const { floor, version, stamps } = await store.stamps([...issued.keys()])
    expect(stamps.filter((stamp) => stamp > 0).length).toBeLessThanOrEqual(10)
    expect(version).toBe(issued.get('t:29'))
    // Whoever holds a record from before an invalidation sees that it is stale: by the stamp, or by the floor.
    for (const [index, at] of [...issued.values()].entries())
      expect(Math.max(stamps[index]!, floor)).toBeGreaterThanOrEqual(at)
    // And nothing is stale that needs not be: the newest stamps are there, above the floor.
    expect(stamps.at(-1)).toBe(version)
    expect(floor).toBeLessThan(version)
  })

  it('holds everything stale after it lost the stamps, records included', async () => {
    const store = await bench.connect()
    const before = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await store.write([record('N:a', before)])
    await bench.harness.loseHistory(bench.keyspace)
    const { floor, version, stamps, records } = await store.read(['N:a'], ['t:a'])
    expect(floor).toBeGreaterThan(before)
    expect(version).toBeGreaterThanOrEqual(floor)
    expect(stamps).toEqual([0])
    expect(records[0]?.version).toBe(before)
    expect(await store.invalidate({ kind: 'stamps', names: ['t:a'] })).toBeGreaterThan(version)
  })

  it('goes on after everything was flushed', async () => {
    const store = await bench.connect()
    const before = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await store.write([record('N:a', before)])
    await bench.harness.flush(bench.keyspace)
    const { floor, version, records } = await store.read(['N:a'], [])
    expect(records).toEqual([undefined])
    expect(floor).toBeGreaterThan(before)
    expect(await store.write([record('N:a', version, 'new')])).toEqual([true])
    expect(await texts(store, 'N:a')).toEqual(['new'])
  })
}
