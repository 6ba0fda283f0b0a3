import type { HttpPurge } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { numbered, proxy, type OriginAnswer } from './proxy.ts'

const FIELDS = {
  'cache-control': 'max-age=60',
  vary: 'x-theme',
  'surrogate-key': 'page product:1',
  'cache-tag': 'shop, a b',
}
const HIT = 'cache'

describe('purge', () => {
  it.each<[string, HttpPurge, boolean]>([
    ['an address', { url: 'https://shop.example/a/p?x=1' }, true],
    ['an address with its usual port', { url: 'https://SHOP.example:443/a/p?x=1' }, true],
    ['another scheme', { url: 'http://shop.example/a/p?x=1' }, false],
    ['another query', { url: 'https://shop.example/a/p' }, false],
    ['a path', { paths: ['/other', '/a/p?x=1'] }, true],
    ['another path', { paths: ['/a'] }, false],
    ['what is below an address', { prefix: 'https://shop.example/a/' }, true],
    ['what is below a path', { prefix: '/a/' }, true],
    ['what is below a path elsewhere', { prefix: '/p' }, false],
    ['a glob, which it is not', { prefix: 'https://shop.example/*' }, false],
    ['a surrogate key', { keys: ['product:1'] }, true],
    ['a cache tag', { keys: ['shop'] }, true],
    ['a cache tag with a space', { keys: ['a b'] }, true],
    ['another key', { keys: ['product:2', 'product'] }, false],
    ['everything', { all: true }, true],
  ])('of %s: %j', async (_, what, gone) => {
    for (const soft of [false, true]) {
      const { visit, cache } = await proxy(({ count, fields }): OriginAnswer => {
        if (fields['if-none-match'] !== undefined) return { status: 304, headers: { etag: '"1"' } }
        return { headers: { ...FIELDS, etag: '"1"' }, body: `body ${count}` }
      })
      const dark = { headers: { 'x-theme': 'dark' } }
      await visit('/a/p?x=1')
      await visit('/a/p?x=1', dark)
      await cache.purge({ ...what, soft })
      const after = [await visit('/a/p?x=1'), await visit('/a/p?x=1', dark)]
      // Softly purged, both are confirmed by the origin and so given from the store.
      expect(after.map(({ body }) => body)).toEqual(
        gone && !soft ? ['body 3', 'body 4'] : ['body 1', 'body 2'],
      )
      expect(after[0]!.fields['cache-status']).toMatch(
        gone ? (soft ? /fwd=stale; fwd-status=304/ : /fwd=(uri|vary)-miss/) : /hit/,
      )
      expect((await visit('/a/p?x=1')).from).toBe(HIT)
    }
  })

  it('softly leaves what may be used when the origin fails', async () => {
    const { visit, cache } = await proxy(({ count }) =>
      count === 1
        ? {
            headers: { 'cache-control': 'max-age=60, stale-if-error=60', 'surrogate-key': 'k' },
            body: 'good',
          }
        : { status: 503 },
    )
    await visit('/p')
    await cache.purge({ keys: ['k'], soft: true })
    expect((await visit('/p')).body).toBe('good')
    await cache.purge({ keys: ['k'] })
    expect((await visit('/p')).status).toBe(503)
  })

  it('softly lets the visitor have the old one where it may be stale while it is renewed', async () => {
    const { visit, cache, renewals } = await proxy(
      numbered({ 'cache-control': 'max-age=60, stale-while-revalidate=10' }),
    )
    await visit('/p')
    await cache.purge({ all: true, soft: true })
    expect((await visit('/p')).body).toBe('body 1')
    await renewals()
    expect((await visit('/p')).body).toBe('body 2')
  })

  it.each<[string, HttpPurge]>([
    ['its address', { url: 'https://shop.example/p' }],
    ['its path', { paths: ['/p'] }],
    ['its prefix', { prefix: 'https://shop.example/' }],
    ['its prefix everywhere', { prefix: '/' }],
    ['its key', { keys: ['k'] }],
    ['everything', { all: true }],
  ])('of %s while it is fetched is not lost', async (_, what) => {
    for (const soft of [false, true]) {
      const reached = Promise.withResolvers<void>()
      const release = Promise.withResolvers<void>()
      const { visit, cache } = await proxy(async ({ count }) => {
        if (count === 1) {
          reached.resolve()
          await release.promise
        }
        return { headers: { 'cache-control': 'max-age=60', 'surrogate-key': 'k' }, body: `body ${count}` }
      })
      const first = visit('/p')
      await reached.promise
      await cache.purge({ ...what, soft })
      release.resolve()
      expect((await first).body).toBe('body 1')
      expect((await visit('/p')).body).toBe('body 2')
    }
  })

  it.each(['remove', 'forward'])(
    'of a key that only the first response named (keys: %s)',
    async (surrogateKeys) => {
      const { visit, cache, clock } = await proxy(
        ({ count, fields }): OriginAnswer =>
          fields['if-none-match'] === undefined
            ? {
                headers: { 'cache-control': 'max-age=60', etag: '"1"', 'surrogate-key': 'k' },
                body: `body ${count}`,
              }
            : { status: 304, headers: { etag: '"1"' } },
        { surrogateKeys },
      )
      await visit('/p')
      await clock.advance(61_000)
      expect((await visit('/p')).body).toBe('body 1')
      await cache.purge({ keys: ['k'] })
      expect((await visit('/p')).body).toBe('body 3')
    },
  )

  it('by names of any length', async () => {
    const long = `/p?${'x'.repeat(3_000)}`
    const { visit, cache, calls } = await proxy(numbered({ 'cache-control': 'max-age=60' }))
    await visit(long)
    await cache.purge({ url: `https://shop.example${long}` })
    await visit(long)
    await cache.purge({ paths: [long], soft: true })
    await visit(long)
    expect(calls()).toBe(3)
  })

  it('does not tell visitors the keys, unless told to', async () => {
    for (const surrogateKeys of ['remove', 'forward'] as const) {
      const { visit } = await proxy(numbered(FIELDS), { surrogateKeys })
      for (const { fields } of [await visit('/p'), await visit('/p')]) {
        expect('surrogate-key' in fields).toBe(surrogateKeys === 'forward')
        expect('cache-tag' in fields).toBe(surrogateKeys === 'forward')
      }
    }
  })
})

describe('a change', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'M-SEARCH'])(
    'by %s makes its target stale, when it succeeds',
    async (method) => {
      let status = 500
      const { visit } = await proxy(({ method, count }) =>
        method === 'GET' ? { headers: { 'cache-control': 'max-age=60' }, body: `body ${count}` } : { status },
      )
      await visit('/p')
      await visit('/p', { method })
      expect((await visit('/p')).body).toBe('body 1')
      status = 200
      await visit('/p', { method })
      expect((await visit('/p')).body).toBe('body 4')
    },
  )

  it('makes stale what is stored under a key of its own, too', async () => {
    for (const proxies of [1, 20]) {
      const { visit } = await proxy(({ method, count }): OriginAnswer => {
        return method === 'PUT'
          ? { status: 204 }
          : { headers: { 'cache-control': 'max-age=60', vary: 'x-theme' }, body: `body ${count}` }
      })
      const by = (i: number) => ({ headers: { 'x-forwarded-host': `proxy-${i}`, 'x-theme': 'dark' } })
      for (let i = 0; i < proxies; i++) await visit('/p', by(i))
      await visit('/p')
      await visit('/p', { method: 'PUT' })
      for (let i = 0; i < proxies; i++) expect((await visit('/p', by(i))).from).toBe('origin')
      expect((await visit('/p')).from).toBe('origin')
    }
  })

  it('does not make responses of other addresses stale, however many changes there are', async () => {
    const { visit } = await proxy(({ method }) =>
      method === 'PUT' ? { status: 204 } : { headers: { 'cache-control': 'max-age=60' }, body: 'x' },
    )
    await visit('/p')
    for (let i = 0; i < 60_000; i++) await visit(`/cart/${i}`, { method: 'PUT' })
    expect((await visit('/p')).from).toBe('cache')
    expect((await visit(`/${'x'.repeat(9_000)}`, { method: 'PUT' })).status).toBe(204)
  })

  it('while a response is fetched is not lost', async () => {
    const reached = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const { visit } = await proxy(async ({ method, count }): Promise<OriginAnswer> => {
      if (method === 'PUT') return { status: 204 }
      if (count === 1) {
        reached.resolve()
        await release.promise
      }
      return { headers: { 'cache-control': 'max-age=60', vary: 'x-theme' }, body: `body ${count}` }
    })
    const first = visit('/p')
    await reached.promise
    await visit('/p', { method: 'PUT' })
    release.resolve()
    await first
    expect((await visit('/p')).body).toBe('body 3')
  })

  it.each([
    ['location', '/b', true],
    ['content-location', 'https://shop.example/b', true],
    ['location', 'b', true],
    ['location', 'https://evil.example/b', false],
    ['location', 'http://shop.example/b', false],
    ['location', 'http://[', false],
  ])('makes what its %s names stale on the same origin only: %s', async (name, value, gone) => {
    const { visit } = await proxy(({ method, count }) =>
      method === 'GET'
        ? { headers: { 'cache-control': 'max-age=60' }, body: `body ${count}` }
        : { status: 201, headers: { [name]: value } },
    )
    const elsewhere = { host: 'evil.example' }
    await visit('/b')
    await visit('/b', elsewhere)
    await visit('/a', { method: 'POST' })
    expect((await visit('/b')).from).toBe(gone ? 'origin' : 'cache')
    expect((await visit('/b', elsewhere)).from).toBe('cache')
  })
})
