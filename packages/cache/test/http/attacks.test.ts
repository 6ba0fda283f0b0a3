import { MetricRegistry } from '@millrace/core/metrics'
import { waitFor } from '@millrace/testing'
import type { Request, Response } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCache } from '../../src/index.ts'
import { serveRaw } from './express-server.ts'

describe('a page for one visitor is not given to another', () => {
  it('although the application changes the fields that it varies by, and visitors may send them', async () => {
    const { ask } = await serveRaw((app, cache) => {
      app.get('/p', cache.middleware('PAGES'), (request, response) => {
        request.headers['x-tenant'] = 'acme'
        response.vary('x-tenant').send(`of ${request.headers['x-tenant']}, for ${request.ip}`)
      })
    })
    await ask('/p')
    expect((await ask('/p', { 'x-tenant': 'acme' })).headers['x-cache']).toBe('MISS')
    expect((await ask('/p')).headers['x-cache']).toBe('HIT')
  })

  it.each([
    ['x-http-host-override', 'evil.example'],
    ['forwarded', 'host=evil.example'],
    ['forwarded', 'for=192.0.2.1;proto=https'],
    ['x-forwarded-ssl', 'on'],
  ])('because a proxy could have said so: %s: %s', async (name, value) => {
    const { ask } = await serveRaw((app, cache) => {
      app.get('/p', cache.middleware('PAGES'), (request, response) => {
        response.send(`for ${String(request.headers[name])}`)
      })
    })
    expect((await ask('/p', { [name]: value })).body).toBe(`for ${value}`)
    expect((await ask('/p')).body).toBe('for undefined')
  })

  it.each(['x-api-key', 'x-auth-token', 'x-remote-user'])('who is named by %s', async (name) => {
    const { ask } = await serveRaw((app, cache) => {
      app.get('/p', cache.middleware('PAGES'), (request, response) => {
        response.send(`for ${String(request.headers[name])}`)
      })
    })
    for (const user of ['ann', 'bob']) {
      const { body, headers } = await ask('/p', { [name]: user })
      expect([body, headers['x-cache']]).toEqual([`for ${user}`, 'BYPASS'])
    }
  })

  it('when a hook of Fastify that comes later adds the cookie', async () => {
    const cache = createCache({ registry: new MetricRegistry() })
    let calls = 0
    const hooks = cache.hooks('PAGES')
    const late = fastify()
    onTestFinished(() => late.close())
    late.addHook('onRequest', (request, reply) => hooks.onRequest(request, reply))
    late.addHook('onSend', (request, reply, payload) => hooks.onSend(request, reply, payload))
    late.addHook('onSend', async (_, reply, payload) => {
      reply.header('set-cookie', 'session=1')
      return payload
    })
    late.get('/p', async () => `session ${++calls}`)
    const first = await late.inject('/p')
    const second = await late.inject('/p')
    expect([first.body, second.body]).toEqual(['session 1', 'session 2'])
  })

  it('because a buffer was used again', async () => {
    const { ask } = await serveRaw((app, cache) => {
      app.get('/p', cache.middleware('PAGES'), (_, response) => {
        const buffer = Buffer.from('page')
        response.write(buffer, () => {
          buffer.write('evil')
          response.end()
        })
      })
    })
    for (let i = 0; i < 2; i++) expect((await ask('/p')).body).toBe('page')
  })
})

describe('visitors', () => {
  it.each([
    ['is private', { 'cache-control': 'private' }],
    ['sets a cookie', { 'set-cookie': 'a=1' }],
    ['is a stream of events', { 'content-type': 'text/event-stream' }],
  ])('do not wait for one that has begun and %s', async (_, headers) => {
    const open: Response[] = []
    const { ask } = await serveRaw((app, cache) => {
      app.get('/p', cache.middleware('PAGES'), (_, response) => {
        open.push(response)
        if (open.length === 1) response.set(headers).write('begun')
      })
    })
    const all = [ask('/p'), ask('/p'), ask('/p')]
    await waitFor(() => open.length === 3)
    for (const response of open) response.end()
    expect((await Promise.all(all)).map(({ body }) => body).sort()).toEqual(['', '', 'begun'])
  })

  it('are not given in place of an error what was purged meanwhile', async () => {
    const failing: Response[] = []
    let broken = false
    const { ask, cache, clock } = await serveRaw((app, cache) => {
      app.get('/p', cache.middleware('PAGES', { ttlMs: 1_000, staleIfErrorMs: 60_000 }), (_, response) => {
        if (broken) failing.push(response)
        else response.send('old')
      })
    })
    await ask('/p')
    broken = true
    await clock.advance(2_000)
    const answer = ask('/p')
    await waitFor(() => failing.length > 0)
    await cache.clear('PAGES')
    failing[0]!.sendStatus(503)
    expect((await answer).status).toBe(503)
  })

  it('of Hono are given what `fetch` brought, whose headers nobody can change', async () => {
    const origin = fastify()
    origin.get('/', async () => 'from elsewhere')
    await origin.listen({ host: '127.0.0.1', port: 0 })
    onTestFinished(() => origin.close())
    const url = `http://127.0.0.1:${(origin.server.address() as { port: number }).port}/`
    const cache = createCache({ registry: new MetricRegistry() })
    const app = new Hono()
    app.get('/p', cache.hono('PAGES', { maxBodyBytes: 4 }), () => fetch(url))
    for (const headers of [{}, { cookie: 'a=1' }] as Record<string, string>[]) {
      const response = await app.request('http://shop.example/p', { headers })
      expect([response.status, await response.text()]).toEqual([200, 'from elsewhere'])
      expect(response.headers.get('x-cache')).toBe(headers.cookie === undefined ? 'MISS' : 'BYPASS')
    }
  })
})

describe('keys', () => {
  it('do not show whose they are: an identity may be a token, of any length', async () => {
    const { ask, cache } = await serveRaw((app, cache) => {
      const identity = ({ headers }: Request) => headers.authorization
      app.get('/p', cache.middleware('PAGES', { identity }), (request, response) => {
        response.send(`for ${request.headers.authorization}`)
      })
    })
    for (const token of ['ann', 'bob'].map((name) => `Bearer ${name}${'x'.repeat(3_000)}`)) {
      for (const state of ['MISS', 'HIT']) {
        const { body, headers } = await ask('/p', { authorization: token })
        expect([body, headers['x-cache']]).toEqual([`for ${token}`, state])
      }
    }
    expect(await cache.delPattern('PAGES:*Bearer*')).toBe(0)
  })
})
