import express from 'express'
import { describe, expect, it } from 'vitest'
import { counting, serveFetch } from './express-server.ts'

describe('middleware for Express', () => {
  it('answers again from the cache, with Age, ETag and X-Cache', async () => {
    const { handler, calls } = counting()
    const { ask, clock } = await serveFetch((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS'), handler),
    )
    const first = await ask('/p')
    await clock.advance(7_900)
    const second = await ask('/p')
    expect([first.body, second.body]).toEqual(['{"calls":1}', '{"calls":1}'])
    expect(first.headers.get('x-cache')).toBe('MISS')
    expect(second.headers.get('x-cache')).toBe('HIT')
    expect(second.headers.get('age')).toBe('7')
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
    expect(second.headers.get('cache-control')).toBe('public, max-age=0, must-revalidate')
    await clock.advance(592_100)
    expect((await ask('/p')).body).toBe('{"calls":2}')
    expect(calls()).toBe(2)
  })

  it('answers 304 to who has it already, on a hit and on a miss', async () => {
    const { handler, calls } = counting()
    const { ask, clock } = await serveFetch((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS'), handler),
    )
    const etag = (await ask('/p')).headers.get('etag')!
    const hit = await ask('/p', { 'if-none-match': `"other", ${etag}` })
    expect([hit.status, hit.body, hit.headers.get('content-type')]).toEqual([304, '', null])
    await clock.advance(600_000)
    // The handler's body differs now, so a revalidation brings the new one and fills the cache.
    const changed = await ask('/p', { 'if-none-match': etag })
    expect([changed.status, changed.body]).toEqual([200, '{"calls":2}'])
    const again = await ask('/p', { 'if-none-match': changed.headers.get('etag')! })
    expect([again.status, calls()]).toEqual([304, 2])
  })

  it('fills the cache from a request that is answered 304', async () => {
    const { ask, clock } = await serveFetch((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => void response.json({ fixed: true })),
    )
    const etag = (await ask('/p')).headers.get('etag')!
    await clock.advance(600_000)
    expect(await ask('/p', { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' })
    expect((await ask('/p')).headers.get('x-cache')).toBe('HIT')
  })

  it('keys by method, host, path and the query in any order', async () => {
    const { handler } = counting()
    const { ask } = await serveFetch((app, cache) => {
      const middleware = cache.middleware('PRODUCTS', { ignoreQuery: ['utm_source'] })
      app.use('/shop', express.Router().get('/p', middleware, handler))
      app.post('/shop/p', middleware, handler)
    })
    await ask('/shop/p?a=1&b=2')
    expect((await ask('/shop/p?b=2&a=1&utm_source=x')).headers.get('x-cache')).toBe('HIT')
    expect((await ask('/shop/p?a=1&b=3')).headers.get('x-cache')).toBe('MISS')
    expect((await ask('/shop/p?a=1&b=2', {}, 'POST')).headers.get('x-cache')).toBe('BYPASS')
    expect((await ask('/shop/p?a=1&b=2', {}, 'HEAD')).headers.get('x-cache')).toBe('BYPASS')
  })

  it.each([
    ['Authorization', { authorization: 'Bearer x' }],
    ['cookies', { cookie: 'session=1' }],
    ['a range', { range: 'bytes=0-1' }],
    ['no-store', { 'cache-control': 'no-store' }],
  ])('never caches a request with %s', async (_, headers) => {
    const { handler } = counting()
    const { ask } = await serveFetch((app, cache) => app.get('/p', cache.middleware('PRODUCTS'), handler))
    expect((await ask('/p', headers as Record<string, string>)).body).toBe('{"calls":1}')
    expect((await ask('/p', headers as Record<string, string>)).body).toBe('{"calls":2}')
    expect((await ask('/p')).body).toBe('{"calls":3}')
  })

  it.each([
    ['Set-Cookie', 'set-cookie', 'session=1'],
    ['private', 'cache-control', 'private, max-age=60'],
    ['no-store', 'cache-control', 'no-store'],
    ['no-cache', 'cache-control', 'no-cache'],
    ['max-age=0', 'cache-control', 'max-age=0'],
    ['Vary: *', 'vary', '*'],
  ])('never stores a response with %s', async (_, name, value) => {
    const { handler } = counting((response) => void response.setHeader(name, value))
    const { ask } = await serveFetch((app, cache) => app.get('/p', cache.middleware('PRODUCTS'), handler))
    await ask('/p')
    const second = await ask('/p')
    expect([second.body, second.headers.get('x-cache')]).toEqual(['{"calls":2}', 'BYPASS'])
  })

  it.each([404, 500, 302, 206])('never stores status %i', async (status) => {
    const { handler } = counting((response) => void response.status(status))
    const { ask } = await serveFetch((app, cache) => app.get('/p', cache.middleware('PRODUCTS'), handler))
    await ask('/p')
    expect((await ask('/p')).body).toBe('{"calls":2}')
  })

  it('keeps one variant per value of what Vary names', async () => {
    const { handler } = counting((response, request) => {
      response.setHeader('vary', 'Accept-Language')
      response.setHeader('content-language', request.headers['accept-language'] ?? 'en')
    })
    const { ask } = await serveFetch((app, cache) => app.get('/p', cache.middleware('PRODUCTS'), handler))
    await ask('/p', { 'accept-language': 'de' })
    await ask('/p', { 'accept-language': 'fr' })
    const german = await ask('/p', { 'accept-language': 'de' })
    const french = await ask('/p', { 'accept-language': 'fr' })
    expect([german.body, german.headers.get('x-cache')]).toEqual(['{"calls":1}', 'HIT'])
    expect([french.headers.get('content-language'), french.headers.get('x-cache')]).toEqual(['fr', 'HIT'])
  })

  it('caches per identity when told whose a response is, and never across', async () => {
    const { handler } = counting(
      (response) => void response.setHeader('cache-control', 'private, max-age=60'),
    )
    const { ask } = await serveFetch((app, cache) =>
      app.get(
        '/me',
        cache.middleware('USER_PROFILE', { identity: (request) => request.headers.authorization }),
        handler,
      ),
    )
    await ask('/me', { authorization: 'a' })
    expect((await ask('/me', { authorization: 'b' })).headers.get('x-cache')).toBe('MISS')
    const again = await ask('/me', { authorization: 'a' })
    expect([again.body, again.headers.get('x-cache')]).toEqual(['{"calls":1}', 'HIT'])
    expect((await ask('/me')).headers.get('x-cache')).toBe('BYPASS')
  })

  it('takes the shorter of its own time and the response’s', async () => {
    const { handler } = counting(
      (response) => void response.setHeader('cache-control', 's-maxage=5, max-age=99'),
    )
    const { ask, clock } = await serveFetch((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS'), handler),
    )
    await ask('/p')
    await clock.advance(5_000)
    expect((await ask('/p')).headers.get('x-cache')).toBe('MISS')
  })

  it('lets one of many concurrent requests produce the response', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    let calls = 0
    const { ask } = await serveFetch((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS'), async (_, response) => {
        calls++
        await promise
        response.send('once')
      }),
    )
    const all = Array.from({ length: 10 }, () => ask('/p'))
    resolve()
    expect((await Promise.all(all)).map(({ body }) => body)).toEqual(Array.from({ length: 10 }, () => 'once'))
    expect(calls).toBe(1)
  })

  it('does not make requests wait for one another when the response cannot be stored', async () => {
    const releases: (() => void)[] = []
    const { ask } = await serveFetch((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => {
        response.setHeader('cache-control', 'no-store')
        if (releases.length === 0) response.send('first')
        releases.push(() => response.send('held'))
        if (releases.length === 3) for (const release of releases.slice(1)) release()
      }),
    )
    expect((await ask('/p')).body).toBe('first')
    // Both must reach the handler, or it would never answer.
    const both = await Promise.all([ask('/p'), ask('/p')])
    expect(both.map(({ body }) => body)).toEqual(['held', 'held'])
  })

  it('stores a response written in pieces, and none that is larger than allowed', async () => {
    const { ask } = await serveFetch((app, cache) => {
      const middleware = cache.middleware('PRODUCTS', { maxBodyBytes: 10 })
      app.get('/pieces', middleware, (_, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'x-own': '1' })
        response.write('one ')
        response.end('two')
      })
      app.get('/large', middleware, (_, response) => void response.end('x'.repeat(11)))
    })
    expect((await ask('/pieces')).body).toBe('one two')
    const again = await ask('/pieces')
    expect([again.body, again.headers.get('x-cache'), again.headers.get('x-own')]).toEqual([
      'one two',
      'HIT',
      '1',
    ])
    await ask('/large')
    expect((await ask('/large')).headers.get('x-cache')).toBe('MISS')
  })

  it('lets the others go on when the one that produced the response leaves', async () => {
    const reached = Promise.withResolvers<void>()
    let calls = 0
    const { ask, url } = await serveFetch((app, cache) =>
      app.get('/p', cache.middleware('PRODUCTS'), (_, response) => {
        calls++
        reached.resolve()
        // The first is never answered: its client gives up.
        if (calls > 1) response.send('second')
      }),
    )
    const leaving = new AbortController()
    const first = fetch(`${url}/p`, { signal: leaving.signal }).catch(() => 'gone')
    await reached.promise
    const second = ask('/p')
    leaving.abort()
    expect(await first).toBe('gone')
    expect((await second).body).toBe('second')
  })
})
