import { expect, it } from 'vitest'
import type { Invalidation, Notice } from '../drivers/driver.ts'
import { eventually, record, Recorder, texts, versionOf, type Bench } from './harness.ts'

export function noticeTests(bench: Bench): void {
  it('delivers every kind to every follower, with version and origin, the own ones too', async () => {
    const one = await bench.follow({ origin: 'one' })
    const two = await bench.follow({ origin: 'two' })
    const kinds: Invalidation[] = [
      { kind: 'keys', keys: ['N:a', 'N:"ä\n'] },
      { kind: 'stamps', names: ['t:a', '*'] },
      { kind: 'pattern', pattern: 'N:\\**' },
    ]
    const expected: Notice[] = []
    for (const what of kinds)
      expected.push({ version: await one.store.invalidate(what), origin: 'one', what })
    for (const follower of [one, two]) {
      await eventually(() => expect(follower.notices).toEqual(expected))
      expect(follower.gaps).toBe(0)
    }
    expect(one.store.origin).toBe('one')
  })

  it('tells after the fact: whoever hears of it and reads does not find the old record', async () => {
    const follower = await bench.follow()
    const store = await bench.connect()
    const found: unknown[] = []
    const version = await versionOf(store)
    const keys = ['N:a', 'N:b', 'N:c', 'N:d']
    await store.write(keys.map((key) => record(key, version)))
    follower.onNotices = () => {
      found.push(texts(follower.store, ...keys))
    }
    await store.invalidate({ kind: 'keys', keys })
    await eventually(() => expect(found).toHaveLength(1))
    expect(await found[0]).toEqual(keys.map(() => undefined))
  })

  it('delivers nothing from before, from other keyspaces, and after the end', async () => {
    const store = await bench.connect()
    await store.invalidate({ kind: 'stamps', names: ['t:before'] })
    const recorder = new Recorder()
    const end = await store.follow(recorder)
    await eventually(() => expect(recorder.connected).toBe(true))
    const other = await bench.connect({ keyspace: `${bench.keyspace}-other` })
    await other.invalidate({ kind: 'stamps', names: ['t:other'] })
    const version = await store.invalidate({ kind: 'stamps', names: ['t:now'] })
    await eventually(() => expect(recorder.versions).toEqual([version]))
    await end()
    await store.invalidate({ kind: 'stamps', names: ['t:after'] })
    // Whoever follows from now on shows that the end was the end.
    const next = new Recorder()
    await store.follow(next)
    await eventually(() => expect(next.connected).toBe(true))
    const last = await store.invalidate({ kind: 'stamps', names: ['t:last'] })
    await eventually(() => expect(next.versions).toEqual([last]))
    expect(recorder.versions).toEqual([version])
  })

  it('tells of earlier patterns whoever begins to follow: their records may not all be gone', async () => {
    const store = await bench.connect()
    const what: Invalidation = { kind: 'pattern', pattern: 'N:a*' }
    const version = await store.invalidate(what)
    await store.invalidate({ kind: 'keys', keys: ['N:b'] })
    const { earlier, store: late } = await bench.follow()
    await eventually(() => expect(earlier).toMatchObject([{ version, what }]))
    expect(late.origin).not.toBe(store.origin)
  })

  it('has one follower per driver', async () => {
    const { store } = await bench.follow()
    await expect(store.follow(new Recorder())).rejects.toMatchObject({ code: 'CACHE_STORE_FOLLOWED' })
  })

  it('delivers every one, once and in order, when many invalidate at the same time', async () => {
    const followers = [await bench.follow(), await bench.follow(), await bench.follow()]
    const issued = await Promise.all(
      Array.from({ length: 150 }, (_, index) => {
        const what: Invalidation =
          index % 2 ? { kind: 'stamps', names: [`t:${index}`] } : { kind: 'keys', keys: [`N:${index}`] }
        return followers[index % 3]!.store.invalidate(what)
      }),
    )
    const expected = issued.toSorted((a, b) => a - b)
    for (const follower of followers) {
      await eventually(() => expect(follower.versions).toEqual(expected))
      expect(follower.gaps).toBe(0)
    }
  })

  it('delivers what concerns hundreds of keys', async () => {
    const follower = await bench.follow()
    const keys = Array.from({ length: 250 }, (_, index) => `N:${index}`)
    await follower.store.invalidate({ kind: 'keys', keys })
    await eventually(() =>
      expect(follower.notices.flatMap(({ what }) => (what.kind === 'keys' ? what.keys : []))).toEqual(keys),
    )
  })

  it('reports a gap when the store forgot, and goes on', async () => {
    const follower = await bench.follow()
    await follower.store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await eventually(() => expect(follower.versions).toHaveLength(1))
    await bench.harness.flush(bench.keyspace)
    await eventually(() => expect(follower.gaps).toBe(1))
    const version = await follower.store.invalidate({ kind: 'stamps', names: ['t:b'] })
    await eventually(() => expect(follower.versions.at(-1)).toBe(version))
    expect(follower.gaps).toBe(1)
  })

  it('reports a gap also when there is news at once', async () => {
    const follower = await bench.follow()
    await follower.store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await eventually(() => expect(follower.versions).toHaveLength(1))
    await bench.harness.loseHistory(bench.keyspace)
    await follower.store.invalidate({ kind: 'stamps', names: ['t:b'] })
    await eventually(() => expect(follower.gaps).toBe(1))
    const next = await follower.store.invalidate({ kind: 'stamps', names: ['t:c'] })
    await eventually(() => expect(follower.versions.at(-1)).toBe(next))
  })
}
