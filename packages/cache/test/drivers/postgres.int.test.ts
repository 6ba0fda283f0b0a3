import { chaosProxy, testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Invalidation, Notice, SharedStore } from '../../src/drivers/driver.ts'
import { createPostgresNotices, type PostgresNoticesOptions } from '../../src/drivers/postgres.ts'

let database: TestDatabase
const open: SharedStore[] = []
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.stop())
afterEach(() => Promise.all(open.splice(0).map((store) => store.close())))

/** A process that follows, and what it hears. */
async function listen(options: Partial<PostgresNoticesOptions> = {}) {
  const store = createPostgresNotices({
    url: database.url,
    database: database.pool,
    name: 'shop',
    ...options,
  })
  open.push(store)
  await store.connect()
  const notices: Notice[] = []
  let gaps = 0
  let connected = false
  await store.follow({
    onNotices: (heard) => void notices.push(...heard),
    onGap: () => void gaps++,
    onConnection: (now) => (connected = now),
  })
  return {
    store,
    notices,
    heard: () => notices.map(({ what }) => what),
    get gaps() {
      return gaps
    },
    get connected() {
      return connected
    },
  }
}

const tag = (name: string): Invalidation => ({ kind: 'stamps', names: [`t:${name}`] })

describe('createPostgresNotices', () => {
  it('tells every process of the same cache, in order, with who said it', async () => {
    const [a, b, other] = [await listen(), await listen(), await listen({ name: 'content' })]
    const said: Invalidation[] = [
      tag('one'),
      { kind: 'keys', keys: ['PRODUCTS:1', 'PRODUCTS:"2"\n'] },
      { kind: 'pattern', pattern: 'PRODUCTS:*' },
    ]
    for (const what of said) await a.store.invalidate(what)
    await other.store.invalidate(tag('elsewhere'))
    await waitFor(() => b.notices.length === 3 && a.notices.length === 3 && other.notices.length === 1)
    expect(b.heard()).toEqual(said)
    expect(b.notices.every(({ origin }) => origin === a.store.origin)).toBe(true)
    const versions = b.notices.map(({ version }) => version)
    expect(versions).toEqual(versions.toSorted((x, y) => x - y))
    expect(other.heard()).toEqual([tag('elsewhere')])
  })

  it('issues versions that go on from those it heard', async () => {
    const [a, b] = [await listen(), await listen()]
    const first = await a.store.invalidate(tag('a'))
    await waitFor(() => b.notices.length === 1)
    expect(await b.store.invalidate(tag('b'))).toBeGreaterThan(first)
    expect((await a.store.stamps([])).version).toBeGreaterThanOrEqual(first)
  })

  it('says much in several messages, and what does not fit into one in fewer words', async () => {
    const [a, b] = [await listen(), await listen()]
    const keys = Array.from({ length: 500 }, (_, n) => `PRODUCTS:${n}:${'ü'.repeat(50)}`)
    await a.store.invalidate({ kind: 'keys', keys })
    await a.store.invalidate({ kind: 'keys', keys: [`POSTS:${'\u0001'.repeat(2_000)}`] })
    await a.store.invalidate({ kind: 'pattern', pattern: '?'.repeat(8_000) })
    await a.store.invalidate(tag('end'))
    await waitFor(() => b.heard().some((what) => JSON.stringify(what) === JSON.stringify(tag('end'))))
    expect(b.heard().flatMap((what) => (what.kind === 'keys' ? what.keys : []))).toEqual(keys)
    expect(b.heard().filter(({ kind }) => kind !== 'keys')).toEqual([
      { kind: 'stamps', names: ['n:POSTS'] },
      { kind: 'stamps', names: ['*'] },
      tag('end'),
    ])
  })

  it('does not heed what others say on the channel', async () => {
    const a = await listen()
    const say = (text: string) => database.pool.query('select pg_notify($1, $2)', ['millrace_cache', text])
    for (const text of ['', 'no json', '7', '{"cache":"shop"}', '{"cache":"shop","origin":1}'])
      await say(text)
    await a.store.invalidate(tag('end'))
    await waitFor(() => a.notices.length > 0)
    expect(a.heard()).toEqual([tag('end')])
  })

  it('says when it does not hear, hears again by itself, and that something was missed', async () => {
    await using proxy = await chaosProxy({ target: database.server.port })
    const through = database.url.replace(/:\d+\//, `:${proxy.port}/`)
    const [a, b] = [await listen({ url: through }), await listen()]
    expect(a).toMatchObject({ connected: true, gaps: 1 })
    proxy.refuse(true)
    proxy.reset()
    await waitFor(() => !a.connected)
    await b.store.invalidate(tag('missed'))
    proxy.restore()
    await waitFor(() => a.connected, { deadlineMs: 10_000 })
    expect(a.gaps).toBe(2)
    await b.store.invalidate(tag('heard'))
    await waitFor(() => a.notices.length > 0)
    expect(a.heard()).toEqual([tag('heard')])
  })

  it('is patient at the start, keeps no records, and refuses when it is closed', async () => {
    const a = await listen({ url: 'postgres://nobody@127.0.0.1:1/none' })
    expect(a.connected).toBe(false)
    expect(await a.store.write([{ key: 'k', version: 1, payload: Buffer.from('x'), ttlMs: 1_000 }])).toEqual([
      false,
    ])
    expect((await a.store.read(['k'], ['*'])).records).toEqual([undefined])
    await expect(a.store.follow({} as never)).rejects.toMatchObject({ code: 'CACHE_STORE_FOLLOWED' })
    await a.store.close()
    await expect(a.store.invalidate(tag('late'))).rejects.toMatchObject({ code: 'CACHE_STORE_CLOSED' })
  })
})
