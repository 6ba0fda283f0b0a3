import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { HttpCacheFetch } from '@millrace/core'
import { numbered, proxy, type OriginAnswer } from './proxy.ts'

const MINUTE = { 'cache-control': 'max-age=60' }
const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** An origin whose answers are given by hand, in the order in which it was asked. */
function byHand() {
  const holds: PromiseWithResolvers<OriginAnswer>[] = []
  const origin = (): Promise<OriginAnswer> => {
    const hold = Promise.withResolvers<OriginAnswer>()
    holds.push(hold)
    return hold.promise
  }
  return { holds, origin }
}

describe('what was purged while the origin was asked', () => {
  const page = { headers: { ...MINUTE, etag: '"1"', 'surrogate-key': 'shop' }, body: 'old' }

  it.each([
    ['by surrogate key', { keys: ['shop'] }],
    ['by address', { url: 'https://shop.example/p' }],
    ['by prefix', { prefix: 'https://SHOP.example:443/' }],
    ['softly', { keys: ['shop'], soft: true }],
  ])('is not brought back by the answer to a HEAD: %s', async (_, what) => {
    const { holds, origin } = byHand()
    const { visit, cache } = await proxy(origin)
    const first = visit('/p')
    await turns()
    holds[0]!.resolve(page)
    await first
    const head = visit('/p', { method: 'HEAD', headers: { 'cache-control': 'no-cache' } })
    await turns()
    await cache.purge(what)
    holds[1]!.resolve({ headers: page.headers })
    await head
    const next = visit('/p')
    await turns()
    holds[2]!.resolve({ headers: MINUTE, body: 'new' })
    expect((await next).body).toBe('new')
  })

  it('is not served in place of an error', async () => {
    const { holds, origin } = byHand()
    const { visit, cache, clock } = await proxy(origin, { staleIfErrorMs: 600_000 })
    const first = visit('/p')
    await turns()
    holds[0]!.resolve(page)
    await first
    await clock.advance(61_000)
    const failing = visit('/p')
    await turns()
    await cache.purge({ keys: ['shop'] })
    holds[1]!.resolve({ status: 503 })
    expect((await failing).status).toBe(503)
  })
})

describe('many visitors', () => {
  it('do not wait in a row for a page that each of them must have confirmed', async () => {
    const { holds, origin } = byHand()
    const { visit, calls } = await proxy(origin)
    const confirmed = { headers: { 'cache-control': 'no-cache', etag: '"1"' }, body: 'page' }
    const all = Array.from({ length: 20 }, () => visit('/p'))
    await turns()
    expect(calls()).toBe(1)
    holds[0]!.resolve(confirmed)
    await turns()
    expect(calls()).toBe(20)
    for (const hold of holds) hold.resolve({ status: 304, headers: confirmed.headers })
    expect(new Set((await Promise.all(all)).map(({ body }) => body))).toEqual(new Set(['page']))
  })

  it('do not wait for an event stream', async () => {
    const { holds, origin } = byHand()
    const { visit, calls } = await proxy(origin)
    const all = Array.from({ length: 3 }, () => visit('/p'))
    await turns()
    holds[0]!.resolve({ headers: { ...MINUTE, 'content-type': 'Text/Event-Stream; charset=utf-8' } })
    await turns()
    expect(calls()).toBe(3)
    for (const hold of holds) hold.resolve({})
    await Promise.all(all)
  })

  it('who read slowly hold no more memory with what is to be stored than what is stored may take', async () => {
    const { cache } = await proxy(numbered({}), { maxBytes: 1_000_000, maxBodyBytes: 600_000 })
    const chunk = Buffer.alloc(100_000)
    const begun: HttpCacheFetch[] = []
    const begin = (target: string): HttpCacheFetch => {
      const request = { method: 'GET', scheme: 'https', host: 'shop.example', target, rawHeaders: [] }
      const fetch = cache.lookup(request) as HttpCacheFetch
      expect(fetch.responded(200, ['cache-control', 'max-age=60']).kind).toBe('record')
      begun.push(fetch)
      return fetch
    }
    let held = 0
    for (let i = 0; i < 20; i++) {
      const fetch = begin(`/${i}`)
      for (let part = 0; part < 5; part++) if (fetch.write(chunk)) held += chunk.length
    }
    expect(held).toBeLessThanOrEqual(1_000_000)
    for (const fetch of begun) fetch.fail()
    const later = begin('/later')
    expect(later.write(chunk)).toBe(true)
    later.end()
    expect(cache.stats().entries).toBe(1)
  })
})

describe('a page that was built from what its maker did not name', () => {
  it.each([
    ['forwarded', 'host=evil.example'],
    ['Forwarded', 'for=1.2.3.4;host="evil.example", for=x'],
    ['forwarded', 'for=1.2.3.4 host=evil.example'],
    ['x-http-host-override', 'evil.example'],
    ['x-forwarded-ssl', 'off'],
    ['x_http_method_override', 'DELETE'],
    ['X_Original_URL', '/admin'],
  ])('stays with those who sent the same: %s: %s', async (name, value) => {
    const { visit } = await proxy(({ fields }) => ({
      headers: MINUTE,
      body: `for ${String(fields[name.toLowerCase()])}`,
    }))
    expect((await visit('/p', { headers: { [name]: value } })).body).toBe(`for ${value}`)
    expect((await visit('/p')).body).toBe('for undefined')
    expect((await visit('/p', { headers: { [name]: value } })).from).toBe('cache')
  })

  it('is the same page for whoever came through another proxy', async () => {
    const { visit, calls } = await proxy(numbered(MINUTE))
    await visit('/p', { headers: { forwarded: 'for=192.0.2.1;by="[2001:db8::1]:80"' } })
    await visit('/p', { headers: { forwarded: 'for=192.0.2.2' } })
    await visit('/p')
    expect(calls()).toBe(1)
  })

  it.each(['x-api-key', 'X-Auth-Token', 'x-remote-user', 'x-forwarded-user'])(
    'for a user who is named by %s is not shared unless it says so',
    async (name) => {
      for (const [control, expected] of [
        ['max-age=60', 'body 2'],
        ['public, max-age=60', 'body 1'],
      ] as const) {
        const { visit } = await proxy(numbered({ 'cache-control': control }))
        await visit('/p', { headers: { [name]: 'ann' } })
        expect((await visit('/p', { headers: { [name]: 'bob' } })).body).toBe(expected)
      }
    },
  )

  it('keeps a parameter that others may be hidden behind', async () => {
    const { visit, calls } = await proxy(numbered(MINUTE), { ignoreQuery: ['utm_source'] })
    await visit('/p?utm_source=x;callback=evil')
    await visit('/p')
    await visit('/p?utm_source=y')
    expect(calls()).toBe(2)
  })
})

describe('fields of a 304', () => {
  it('that ends the storing go to the visitor without surrogate keys', async () => {
    const { visit, clock } = await proxy(({ count }) =>
      count === 1
        ? { headers: { ...MINUTE, etag: '"1"' }, body: 'page' }
        : { status: 304, headers: { 'cache-control': 'private', etag: '"1"', 'surrogate-key': 'inside' } },
    )
    await visit('/p')
    await clock.advance(61_000)
    const { fields, body } = await visit('/p')
    expect([body, fields['surrogate-key'], fields['cache-control']]).toEqual(['page', undefined, 'private'])
  })
})

describe('memory', () => {
  it('is not taken by the names of variants that had to leave', async () => {
    const { visit, cache } = await proxy(numbered({ ...MINUTE, vary: 'accept-language' }), {
      maxBytes: 2_000_000,
    })
    const collect = garbageCollector()
    collect()
    const before = process.memoryUsage().heapUsed
    for (let address = 0; address < 100; address++) {
      const path = `/${address}${'x'.repeat(5_000)}`
      for (let i = 0; i < 64; i++) await visit(path, { headers: { 'accept-language': `x${i}` } })
    }
    collect()
    expect(cache.stats().bytes).toBeLessThanOrEqual(2_000_000)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(12 * 1_048_576)
  }, 60_000)

  it('is not taken by the addresses of what could not be stored', async () => {
    const { visit } = await proxy(numbered({ 'cache-control': 'private' }))
    const collect = garbageCollector()
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 6_000; i++) await visit(`/${i}${'x'.repeat(7_000)}`)
    collect()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(12 * 1_048_576)
  }, 60_000)

  it('is not taken by visitors who look for variants that nobody stored', async () => {
    const { visit, cache } = await proxy(numbered({ ...MINUTE, vary: 'accept-language' }))
    const collect = garbageCollector()
    collect()
    const before = process.memoryUsage().heapUsed
    for (let address = 0; address < 150; address++) {
      await visit(`/${address}`, { headers: { 'accept-language': 'de' } })
      for (let i = 0; i < 250; i++) {
        const headers = { 'cache-control': 'only-if-cached', 'accept-language': `${i}${'x'.repeat(400)}` }
        await visit(`/${address}`, { headers })
      }
    }
    collect()
    expect(cache.stats().entries).toBe(300)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(12 * 1_048_576)
  }, 60_000)
})

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
