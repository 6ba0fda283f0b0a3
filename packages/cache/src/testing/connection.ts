import { expect, it } from 'vitest'
import type { SharedStore } from '../drivers/driver.ts'
import { eventually, record, Recorder, texts, versionOf, type Bench } from './harness.ts'

const operations: Record<string, (store: SharedStore) => Promise<unknown>> = {
  read: (store) => store.read(['N:a'], ['t:a']),
  stamps: (store) => store.stamps(['t:a']),
  write: (store) => store.write([record('N:a', 1)]),
  invalidate: (store) => store.invalidate({ kind: 'keys', keys: ['N:a'] }),
  sweep: (store) => store.sweep('N:*', new AbortController().signal),
  list: (store) => store.list('N:*', { limit: 1, maxScanned: 1 }),
  lock: (store) => store.lock('N:a', 'A', 1_000),
  extend: (store) => store.extend('N:a', 'A', 1_000),
  unlock: (store) => store.unlock('N:a', 'A'),
  ping: (store) => store.ping(),
}

/** How each operation ends. */
async function outcomes(store: SharedStore): Promise<Record<string, unknown>> {
  const codes: Record<string, unknown> = {}
  for (const [name, call] of Object.entries(operations)) {
    codes[name] = await call(store).then(
      () => 'resolved',
      (error: { code?: string }) => error.code,
    )
  }
  return codes
}

const all = (code: string): Record<string, unknown> =>
  Object.fromEntries(Object.keys(operations).map((name) => [name, code]))

/** For all operations one after another. Far below any time limit of a connection: nothing is tried again or waits. */
const AT_ONCE_MS = 1_000

export function connectionTests(bench: Bench): void {
  it('has a name, and an origin of its own unless it is given one', () => {
    const [one, two] = [bench.make(), bench.make()]
    expect(one.name).toMatch(/^[a-z]+$/)
    expect(one.origin).not.toBe('')
    expect(one.origin).not.toBe(two.origin)
    expect(bench.make({ origin: 'mine' }).origin).toBe('mine')
  })

  it('rejects everything before it is connected', async () => {
    expect(await outcomes(bench.make())).toEqual(all('CACHE_STORE_UNAVAILABLE'))
  })

  it('rejects everything after it was closed, which may be said twice', async () => {
    const { store } = await bench.follow()
    await store.close()
    await store.close()
    expect(await outcomes(store)).toEqual(all('CACHE_STORE_CLOSED'))
    await expect(store.connect()).rejects.toMatchObject({ code: 'CACHE_STORE_CLOSED' })
    await expect(store.follow(new Recorder())).rejects.toMatchObject({ code: 'CACHE_STORE_CLOSED' })
  })

  it('lets no call hang when it is closed', async () => {
    const store = await bench.connect()
    const calls = Array.from({ length: 20 }, () => store.read(['N:a'], []))
    const closed = store.close()
    const codes = await Promise.all(
      calls.map((call) =>
        call.then(
          () => '',
          (error: { code: string }) => error.code,
        ),
      ),
    )
    await closed
    expect(codes.filter((code) => code !== '' && !code.startsWith('CACHE_STORE_'))).toEqual([])
  })

  it('may be connected twice', async () => {
    const store = await bench.connect()
    await store.connect()
    expect(await texts(store, 'N:a')).toEqual([undefined])
  })

  it('tells how full it is', async () => {
    const store = await bench.connect()
    await store.write([record('N:a', await versionOf(store))])
    const { usedBytes, maxBytes, servers } = await store.ping()
    expect(usedBytes).toBeGreaterThan(0)
    expect(maxBytes === null || maxBytes > 0).toBe(true)
    expect(servers).toBeGreaterThanOrEqual(1)
  })
}

export function awayTests(bench: Bench): void {
  it('rejects at once while the store is away, and works when it is back', async () => {
    const away = bench.harness.away!
    const follower = await bench.follow()
    const other = await bench.connect()
    await away.disconnect()
    try {
      await eventually(() => expect(follower.connected).toBe(false))
      await eventually(async () => expect(await outcomes(other)).toEqual(all('CACHE_STORE_UNAVAILABLE')))
      const started = performance.now()
      await outcomes(other)
      expect(performance.now() - started).toBeLessThan(AT_ONCE_MS)
    } finally {
      await away.reconnect()
    }
    await eventually(() => other.ping())
    await eventually(() => expect(follower.connected).toBe(true))
    const version = await other.invalidate({ kind: 'stamps', names: ['t:a'] })
    await eventually(() => expect(follower.versions).toEqual([version]))
    expect(follower.gaps).toBe(0)
  })

  it('connects to a store that is away, and finds it when it is back', async () => {
    const away = bench.harness.away!
    await away.disconnect()
    const recorder = new Recorder()
    const store = bench.make()
    try {
      await store.connect()
      await store.follow(recorder)
      await expect(store.ping()).rejects.toMatchObject({ code: 'CACHE_STORE_UNAVAILABLE' })
    } finally {
      await away.reconnect()
    }
    await eventually(() => expect(recorder.connected).toBe(true))
    await eventually(() => store.ping())
    const version = await store.invalidate({ kind: 'stamps', names: ['t:a'] })
    await eventually(() => expect(recorder.versions.at(-1)).toBe(version))
  })
}
