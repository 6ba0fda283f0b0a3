import { expect, it } from 'vitest'
import { eventually, record, texts, versionOf, type Bench } from './harness.ts'

export function recordTests(bench: Bench): void {
  it('reads what was written, in the order of the keys, with its version', async () => {
    const store = await bench.connect()
    const version = await versionOf(store)
    expect(await store.write([record('N:a', version, 'one'), record('N:b', version + 1, 'two')])).toEqual([
      true,
      true,
    ])
    const { records } = await store.read(['N:b', 'N:none', 'N:a', 'N:b'], [])
    expect(records.map((found) => found?.version)).toEqual([version + 1, undefined, version, version + 1])
    expect(await texts(store, 'N:b', 'N:none', 'N:a')).toEqual(['two', undefined, 'one'])
  })

  it('shares records among the drivers of a keyspace, and with no other', async () => {
    const [one, two] = [await bench.connect(), await bench.connect()]
    const other = await bench.connect({ keyspace: `${bench.keyspace}-other` })
    await one.write([record('N:a', await versionOf(one))])
    expect(await texts(two, 'N:a')).toEqual(['N:a'])
    expect(await texts(other, 'N:a')).toEqual([undefined])
  })

  it('keeps every byte of a payload, also of a large one, and does not alias it', async () => {
    const store = await bench.connect()
    const payload = Buffer.from(Array.from({ length: 1_000_003 }, (_, index) => (index * 7) % 256))
    const given = Buffer.from(payload)
    await store.write([{ ...record('N:a', await versionOf(store)), payload: given }])
    given.fill(0)
    const { records } = await store.read(['N:a'], [])
    expect(records[0]!.payload.equals(payload)).toBe(true)
  })

  it('takes any key', async () => {
    const store = await bench.connect()
    const keys = ['N:', 'N:a b', 'N:{x}y', 'N:*?[a]\\', 'N:ä€😀', 'N:a\nb', `N:${'k'.repeat(1_024)}`]
    const version = await versionOf(store)
    await store.write(keys.map((key) => record(key, version)))
    expect(await texts(store, ...keys)).toEqual(keys)
    await store.invalidate({ kind: 'keys', keys })
    expect(await texts(store, ...keys)).toEqual(keys.map(() => undefined))
  })

  it('reads and writes hundreds of records in one call', async () => {
    const store = await bench.connect()
    const keys = Array.from({ length: 300 }, (_, index) => `N:${index}`)
    const version = await versionOf(store)
    expect(await store.write(keys.map((key) => record(key, version)))).toEqual(keys.map(() => true))
    expect(await texts(store, ...keys)).toEqual(keys)
  })

  it('reads and writes nothing', async () => {
    const store = await bench.connect()
    expect((await store.read([], [])).records).toEqual([])
    expect(await store.write([])).toEqual([])
  })

  it('does not write over a record with a later version, and says so for each', async () => {
    const store = await bench.connect()
    const version = await versionOf(store)
    await store.write([record('N:a', version + 5, 'later'), record('N:b', version, 'earlier')])
    const again = [
      record('N:a', version + 4, 'x'),
      record('N:b', version + 1, 'y'),
      record('N:c', version, 'z'),
    ]
    expect(await store.write(again)).toEqual([false, true, true])
    expect(await texts(store, 'N:a', 'N:b', 'N:c')).toEqual(['later', 'y', 'z'])
  })

  it('writes over a record with the same version', async () => {
    const store = await bench.connect()
    const version = await versionOf(store)
    await store.write([record('N:a', version, 'first')])
    expect(await store.write([record('N:a', version, 'second')])).toEqual([true])
    expect(await texts(store, 'N:a')).toEqual(['second'])
  })

  it('removes a record when its time is over', async () => {
    const store = await bench.connect()
    const version = await versionOf(store)
    await store.write([record('N:a', version, 'short', 30), record('N:b', version, 'long')])
    expect(await texts(store, 'N:b')).toEqual(['long'])
    await bench.harness.elapse(31)
    await eventually(async () => expect(await texts(store, 'N:a', 'N:b')).toEqual([undefined, 'long']))
  })

  it('takes a time to live of any length', async () => {
    const store = await bench.connect()
    const version = await versionOf(store)
    const written = await store.write([
      record('N:a', version, 'a', Infinity),
      record('N:b', version, 'b', 0.4),
    ])
    expect(written).toEqual([true, true])
    expect(await texts(store, 'N:a')).toEqual(['a'])
  })
}
