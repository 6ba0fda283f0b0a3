import type { HttpPurge } from '@millrace/core'
import { fakeClock, waitFor } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { createMemoryStore, type MemoryStore } from '../../../src/drivers/memory.ts'
import { numbered, proxy, type OriginAnswer, type OriginRequest, type Proxied } from './proxy.ts'

const MINUTE = { 'cache-control': 'max-age=60', 'surrogate-key': 'k' }

/** Two gateways with one store behind them; `settled` once what they said to it has arrived. */
async function two(origin: (request: OriginRequest) => OriginAnswer | Promise<OriginAnswer>) {
  const clock = fakeClock()
  const store: MemoryStore = createMemoryStore({ clock })
  const make = (): Promise<Proxied> => proxy(origin, {}, { clock, shared: store.driver() })
  const [one, other] = [await make(), await make()]
  const settled = (): Promise<void> => clock.advance(0)
  return { one, other, clock, store, settled }
}

describe('two processes', () => {
  it('share what one of them stored, with its age, its variants and its body', async () => {
    const { one, other, clock, settled } = await two(({ fields }) => ({
      headers: { ...MINUTE, vary: 'x-theme', 'x-own': ['1', '2'] },
      body: `${String(fields['x-theme'])} \u00e4\u0000`,
    }))
    for (const theme of ['dark', 'light']) {
      await one.visit('/p', { headers: { 'x-theme': theme } })
      await settled()
      await clock.advance(5_000)
      const answer = await other.visit('/p', { headers: { 'x-theme': theme } })
      expect([answer.from, answer.body]).toEqual(['cache', `${theme} \u00e4\u0000`])
      expect(answer.fields).toMatchObject({ age: '5', 'x-own': '1, 2' })
    }
    expect(other.calls()).toBe(0)
  })

  it('confirm what the other one stored', async () => {
    const { one, other, clock, settled } = await two(({ fields }) =>
      fields['if-none-match'] === '"a"'
        ? { status: 304, headers: { etag: '"a"', 'cache-control': 'max-age=60' } }
        : { headers: { etag: '"a"', 'cache-control': 'max-age=60' }, body: 'x' },
    )
    await one.visit('/p')
    await settled()
    await clock.advance(61_000)
    expect((await other.visit('/p')).fields['cache-status']).toContain('fwd-status=304')
    await settled()
    expect([(await one.visit('/p')).from, one.calls(), other.calls()]).toEqual(['cache', 1, 1])
  })

  it.each<[string, HttpPurge]>([
    ['an address', { url: 'https://shop.example/p' }],
    ['an address, softly', { url: 'https://shop.example/p', soft: true }],
    ['a path', { paths: ['/p'] }],
    ['a prefix', { prefix: 'https://shop.example/' }],
    ['a prefix everywhere', { prefix: '/' }],
    ['a key', { keys: ['other', 'k'] }],
    ['a key, softly', { keys: ['k'], soft: true }],
    ['everything', { all: true }],
    ['everything, softly', { all: true, soft: true }],
  ])('hear of a purge of %s', async (_, what) => {
    const { one, other, settled } = await two(numbered(MINUTE))
    for (const process of [one, other]) {
      await process.visit('/p')
      await settled()
    }
    expect([one.calls(), other.calls()]).toEqual([1, 0])
    await one.cache.purge(what)
    await settled()
    await other.visit('/p')
    await settled()
    expect((await one.visit('/p')).from).toBe('cache')
    expect([one.calls(), other.calls()]).toEqual([1, 1])
  })

  it('hear of a change that one of them forwarded', async () => {
    const { one, other, settled } = await two(({ method, count }) =>
      method === 'GET' ? { headers: MINUTE, body: `body ${count}` } : { status: 204 },
    )
    await one.visit('/p')
    await settled()
    await other.visit('/p')
    await other.visit('/p', { method: 'PUT' })
    await settled()
    expect((await one.visit('/p')).from).toBe('origin')
  })

  it('do not store what was purged while it was fetched', async () => {
    const reached = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const { one, other, settled } = await two(async ({ count }) => {
      reached.resolve()
      await release.promise
      return { headers: MINUTE, body: `body ${count}` }
    })
    const first = one.visit('/p')
    await reached.promise
    await other.cache.purge({ keys: ['k'] })
    await settled()
    release.resolve()
    await first
    await settled()
    expect([(await other.visit('/p')).from, (await one.visit('/p')).from]).toEqual(['origin', 'cache'])
  })

  it('share what was renewed in the background, unless it was invalidated meanwhile', async () => {
    for (const purged of [false, true]) {
      const { one, other, clock, settled } = await two(({ count }) => ({
        headers: { 'cache-control': 'max-age=60, stale-while-revalidate=60', 'surrogate-key': 'k' },
        body: `body ${count}`,
      }))
      await one.visit('/p')
      await settled()
      await clock.advance(61_000)
      expect((await one.visit('/p')).body).toBe('body 1')
      await one.renewals()
      await settled()
      if (purged) await one.cache.purge({ keys: ['k'] })
      const answer = await other.visit('/p')
      expect([answer.from, answer.fields.age]).toEqual(purged ? ['origin', undefined] : ['cache', '0'])
    }
  })

  it('go on alone when the store is away', async () => {
    const { one, other, store, settled } = await two(numbered(MINUTE))
    await one.visit('/p')
    await settled()
    store.disconnect()
    expect((await one.visit('/p')).from).toBe('cache')
    expect((await other.visit('/p')).body).toBe('body 1')
    expect((await other.visit('/p')).from).toBe('cache')
    store.reconnect()
    await waitFor(async () => expect((await one.visit('/p')).status).toBe(200))
  })
})
