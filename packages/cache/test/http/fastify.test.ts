import { Readable } from 'node:stream'
import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock } from '@millrace/testing'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { createCache } from '../../src/index.ts'

const apps: FastifyInstance[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

function setUp() {
  const clock = fakeClock()
  const cache = createCache({ clock, registry: new MetricRegistry() })
  const app = fastify()
  apps.push(app)
  const ask = async (url: string, headers: Record<string, string> = {}, method: 'GET' | 'PUT' = 'GET') => {
    const response = await app.inject({ url, headers, method })
    return { status: response.statusCode, headers: response.headers, body: response.body }
  }
  return { app, ask, cache, clock }
}

describe('hooks for Fastify', () => {
  it('answers again from the cache, with Age, ETag, X-Cache and 304', async () => {
    const { app, ask, cache, clock } = setUp()
    let calls = 0
    app.get('/p', cache.hooks('PRODUCTS'), async () => ({ calls: ++calls }))
    const first = await ask('/p?b=1&a=2')
    await clock.advance(3_000)
    const second = await ask('/p?a=2&b=1')
    expect([first.body, second.body]).toEqual(['{"calls":1}', '{"calls":1}'])
    expect(first.headers['x-cache']).toBe('MISS')
    expect(second.headers).toMatchObject({
      'x-cache': 'HIT',
      age: '3',
      etag: first.headers.etag,
      'content-type': 'application/json; charset=utf-8',
      'content-length': '11',
    })
    const third = await ask('/p?a=2&b=1', { 'if-none-match': String(first.headers.etag) })
    expect([third.status, third.body]).toEqual([304, ''])
  })

  it('answers 304 on a miss and still fills the cache', async () => {
    const { app, ask, cache, clock } = setUp()
    app.get('/p', cache.hooks('PRODUCTS'), async () => 'same')
    const { etag } = (await ask('/p')).headers
    await clock.advance(600_000)
    expect(await ask('/p', { 'if-none-match': String(etag) })).toMatchObject({ status: 304, body: '' })
    expect(await ask('/p')).toMatchObject({ body: 'same', headers: { 'x-cache': 'HIT' } })
  })

  it('bypasses authenticated requests and responses that set cookies, and streams', async () => {
    const { app, ask, cache } = setUp()
    app.get('/p', cache.hooks('PRODUCTS'), async (_, reply) => reply.header('set-cookie', 'a=1').send('x'))
    app.get('/s', cache.hooks('PRODUCTS'), async () => Readable.from(['a', 'b']))
    expect((await ask('/p', { authorization: 'Bearer x' })).headers['x-cache']).toBe('BYPASS')
    await ask('/p')
    expect((await ask('/p')).headers['x-cache']).toBe('BYPASS')
    expect((await ask('/s')).body).toBe('ab')
    expect((await ask('/s')).headers['x-cache']).toBe('MISS')
  })

  it('stores a response without its cookie when told to', async () => {
    const { app, ask, cache } = setUp()
    const hooks = cache.hooks('PRODUCTS', { setCookie: 'strip' })
    app.get('/p', hooks, async (_, reply) => reply.header('set-cookie', 'a=1').send('x'))
    expect((await ask('/p')).headers['set-cookie']).toBe('a=1')
    const hit = await ask('/p')
    expect([hit.headers['x-cache'], hit.headers['set-cookie']]).toEqual(['HIT', undefined])
  })

  it('sends the old response in place of an error, whole or as a 304', async () => {
    const { app, ask, cache, clock } = setUp()
    let broken = false
    app.get('/p', cache.hooks('PRODUCTS', { staleIfErrorMs: 60_000 }), async (_, reply) => {
      if (broken) throw new Error('no database')
      return reply.type('text/plain').send('good')
    })
    const { etag } = (await ask('/p')).headers
    broken = true
    await clock.advance(601_000)
    const stale = await ask('/p')
    expect([stale.status, stale.body]).toEqual([200, 'good'])
    expect(stale.headers).toMatchObject({
      'x-cache': 'STALE',
      'content-type': 'text/plain',
      'content-length': '4',
    })
    expect(await ask('/p', { 'if-none-match': String(etag) })).toMatchObject({ status: 304, body: '' })
    await clock.advance(60_000)
    expect((await ask('/p')).status).toBe(500)
  })

  it('invalidates by pattern and tag when the change succeeds', async () => {
    const { app, ask, cache } = setUp()
    type Of = FastifyRequest<{ Params: { id: string } }>
    const tags = (request: FastifyRequest): string[] => [`product:${(request as Of).params.id}`]
    app.get('/p/:id', cache.hooks<FastifyRequest>('PRODUCT_DETAILS', { tags }), async () => 'x')
    app.put('/p/:id', cache.invalidateHooks<FastifyRequest>(['PRODUCTS:*'], { tags }), async (_, reply) =>
      reply.code(204).send(),
    )
    await ask('/p/1')
    await ask('/p/2')
    await ask('/p/1', {}, 'PUT')
    expect((await ask('/p/1')).headers['x-cache']).toBe('MISS')
    expect((await ask('/p/2')).headers['x-cache']).toBe('HIT')
  })
})
