import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock } from '@millrace/testing'
import { Hono, type Context } from 'hono'
import { etag } from 'hono/etag'
import { stream, streamSSE } from 'hono/streaming'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCache } from '../../src/index.ts'

function setUp() {
  const clock = fakeClock()
  const cache = createCache({ clock, registry: new MetricRegistry() })
  onTestFinished(() => cache.close())
  const app = new Hono()
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await app.request(path, { headers, method })
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
  return { app, ask, cache, clock }
}

describe('middleware for Hono', () => {
  it('answers again from the cache, with Age, ETag, X-Cache and 304', async () => {
    const { app, ask, cache, clock } = setUp()
    let calls = 0
    app.get('/p', cache.hono('PRODUCTS'), (context) => context.json({ calls: ++calls }))
    const first = await ask('/p?b=1&a=2')
    await clock.advance(3_000)
    const second = await ask('/p?a=2&b=1')
    expect([first.body, second.body]).toEqual(['{"calls":1}', '{"calls":1}'])
    expect([first.headers.get('x-cache'), second.headers.get('x-cache')]).toEqual(['MISS', 'HIT'])
    expect(Object.fromEntries(second.headers)).toMatchObject({
      age: '3',
      etag: first.headers.get('etag'),
      'cache-control': 'public, max-age=0, must-revalidate',
      'content-type': 'application/json',
      'content-length': '11',
    })
    const third = await ask('/p?a=2&b=1', { 'if-none-match': first.headers.get('etag')! })
    expect([third.status, third.body, third.headers.get('content-type')]).toEqual([304, '', null])
  })

  it('answers 304 on a miss and still fills the cache, whatever the handler makes of conditions', async () => {
    const { app, ask, cache, clock } = setUp()
    app.get('/p', cache.hono('PRODUCTS'), etag(), (context) => context.text('same'))
    const tag = (await ask('/p')).headers.get('etag')!
    await clock.advance(600_000)
    expect(await ask('/p', { 'if-none-match': tag })).toMatchObject({ status: 304, body: '' })
    const hit = await ask('/p')
    expect([hit.body, hit.headers.get('x-cache')]).toEqual(['same', 'HIT'])
  })

  it('bypasses requests with credentials, responses that set cookies, and other methods', async () => {
    const { app, ask, cache } = setUp()
    let calls = 0
    app.use('/p', cache.hono('PRODUCTS'))
    app.all('/p', (context) => context.text(String(++calls), 200, { 'set-cookie': 'a=1' }))
    for (const [name, value] of [
      ['cookie', 'a=1'],
      ['authorization', 'Bearer x'],
      ['accept', '*/*'],
    ] as const) {
      expect((await ask('/p', { [name]: value })).headers.get('x-cache')).toBe('BYPASS')
    }
    expect((await ask('/p', {}, 'POST')).headers.get('x-cache')).toBe('BYPASS')
    expect(calls).toBe(4)
  })

  it('sends streams as they come, and what is too long to be stored', async () => {
    const { app, ask, cache } = setUp()
    const small = cache.hono('PRODUCTS', { maxBodyBytes: 4 })
    app.get('/stream', small, (context) => stream(context, async (out) => void (await out.write('one two'))))
    app.get('/events', small, (context) => streamSSE(context, async (out) => out.writeSSE({ data: 'x' })))
    app.get('/long', small, (context) => context.text('x'.repeat(100_000)))
    expect((await ask('/stream')).body).toBe('one two')
    expect((await ask('/events')).body).toBe('data: x\n\n')
    for (let i = 0; i < 2; i++) {
      const long = await ask('/long')
      expect([long.body.length, long.headers.get('x-cache')]).toEqual([100_000, 'MISS'])
    }
  })

  it('keys by host, keeps variants and identities apart', async () => {
    const { app, ask, cache } = setUp()
    let calls = 0
    app.get('/v', cache.hono('PRODUCTS'), (context) => {
      context.header('vary', 'accept-language')
      return context.text(`${++calls}`)
    })
    app.get(
      '/me',
      cache.hono('USER_PROFILE', { identity: ({ req }: Context) => req.header('authorization') }),
      (context) => context.text(context.req.header('authorization')!),
    )
    await ask('/v', { 'accept-language': 'de' })
    await ask('/v', { 'accept-language': 'fr' })
    expect((await ask('/v', { 'accept-language': 'de' })).body).toBe('1')
    expect((await ask('http://other.example/v', { 'accept-language': 'de' })).body).toBe('3')
    for (const authorization of ['a', 'b', 'a', 'b'])
      expect((await ask('/me', { authorization })).body).toBe(authorization)
  })

  it('gives nobody a view of the stored bytes', async () => {
    const { app, cache } = setUp()
    app.get('/p', cache.hono('PRODUCTS'), (context) => context.text('stored'))
    await app.request('/p')
    new Uint8Array(await (await app.request('/p')).arrayBuffer()).fill(0)
    expect(await (await app.request('/p')).text()).toBe('stored')
  })

  it('sends the old response in place of an error', async () => {
    const { app, ask, cache, clock } = setUp()
    let broken = false
    app.get('/p', cache.hono('PRODUCTS', { staleIfErrorMs: 60_000 }), (context) => {
      if (broken) throw new Error('no database')
      return context.text('good')
    })
    app.onError((_, context) => context.text('failed', 500))
    await ask('/p')
    broken = true
    await clock.advance(601_000)
    const answer = await ask('/p')
    expect([answer.status, answer.body, answer.headers.get('x-cache')]).toEqual([200, 'good', 'STALE'])
  })

  it('invalidates by pattern and tag when the change succeeds', async () => {
    const { app, ask, cache } = setUp()
    const tags = ({ req }: Context): string[] => [`product:${req.param('id')}`]
    let status: 204 | 409 = 409
    app.get('/p/:id', cache.hono('PRODUCT_DETAILS', { tags }), (context) => context.text('x'))
    app.put('/p/:id', cache.invalidateHono(['PRODUCTS:*'], { tags }), (context) => context.body(null, status))
    await ask('/p/1')
    await ask('/p/2')
    await ask('/p/1', {}, 'PUT')
    expect((await ask('/p/1')).headers.get('x-cache')).toBe('HIT')
    status = 204
    await ask('/p/1', {}, 'PUT')
    expect((await ask('/p/1')).headers.get('x-cache')).toBe('MISS')
    expect((await ask('/p/2')).headers.get('x-cache')).toBe('HIT')
  })
})
