import { createServer, request as send, type IncomingMessage, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, type FakeClock } from '@millrace/testing'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SharedStore } from '../../src/drivers/driver.ts'
import { createMemoryStore } from '../../src/drivers/memory.ts'
import { createCache, type CacheManager } from '../../src/index.ts'

interface Process {
  cache: CacheManager
  ask: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answered>
}

interface Answered {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

function call(
  port: number,
  path: string,
  headers: Record<string, string>,
  method: string,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    // The same site whatever the port.
    const options = { host: '127.0.0.1', port, path, method, headers: { host: 'shop.example', ...headers } }
    send(options, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.once('error', reject)
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      )
    })
      .once('error', reject)
      .end()
  })
}

/** One of several processes of an application on bare `node:http`, with a store that they share. */
async function serve(
  clock: FakeClock,
  shared: SharedStore,
  build: (cache: CacheManager) => RequestListener,
): Promise<Process> {
  const cache = createCache({ name: 'app', clock, registry: new MetricRegistry(), shared })
  await cache.ready()
  const server = createServer(build(cache)).listen(0, '127.0.0.1')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await cache.close()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { cache, ask: (path, headers = {}, method = 'GET') => call(port, path, headers, method) }
}

/** Two processes; each numbers its own answers. */
async function two(
  prepare: (response: Parameters<RequestListener>[1], request: IncomingMessage) => void = () => undefined,
) {
  const clock = fakeClock()
  const store = createMemoryStore({ clock })
  const make = (name: string): Promise<Process> =>
    serve(clock, store.driver(), (cache) => {
      let count = 0
      const read = cache.middleware('PRODUCTS', { staleIfErrorMs: 60_000, tags: () => ['product:1'] })
      const change = cache.invalidateMiddleware(['SEARCH_RESULTS:*'], { tags: () => ['product:1'] })
      return (request, response) => {
        if (request.method === 'PUT') {
          change(request, response, () => {
            response.writeHead(Number(request.headers['x-status'] ?? 200), { 'content-type': 'text/plain' })
            response.write('chan')
            response.end('ged')
          })
          return
        }
        read(request, response, () => {
          prepare(response, request)
          response.end(`${name} ${++count}`)
        })
      }
    })
  const settled = (): Promise<void> => clock.advance(0)
  return { one: await make('one'), other: await make('other'), clock, store, settled }
}

describe('two processes with one store', () => {
  it('answer from what the other one made', async () => {
    const { one, other, clock, settled } = await two()
    const first = await one.ask('/p')
    await settled()
    await clock.advance(5_000)
    const second = await other.ask('/p')
    expect([first.body, second.body]).toEqual(['one 1', 'one 1'])
    expect(second.headers).toMatchObject({ 'x-cache': 'HIT', age: '5', etag: first.headers.etag })
    expect((await other.ask('/p', { 'if-none-match': first.headers.etag! })).status).toBe(304)
    await clock.advance(595_000)
    expect((await other.ask('/p')).body).toBe('other 1')
  })

  it('keep variants apart', async () => {
    const { one, other, settled } = await two((response, request) => {
      response.setHeader('vary', 'x-theme')
      response.setHeader('x-theme', request.headers['x-theme'] ?? 'none')
    })
    for (const theme of ['dark', 'light']) {
      await one.ask('/p', { 'x-theme': theme })
      await settled()
    }
    for (const theme of ['dark', 'light']) {
      const { headers } = await other.ask('/p', { 'x-theme': theme })
      expect([headers['x-theme'], headers['x-cache']]).toEqual([theme, 'HIT'])
    }
    expect((await other.ask('/p')).headers['x-cache']).toBe('MISS')
  })

  it('know of a change before its answer is out', async () => {
    const { one, other } = await two()
    await one.ask('/p')
    await other.ask('/p')
    const changed = await other.ask('/p', {}, 'PUT')
    expect([changed.status, changed.body]).toEqual([200, 'changed'])
    expect((await one.ask('/p')).body).toBe('one 2')
    await one.ask('/p', { 'x-status': '409' }, 'PUT')
    expect((await one.ask('/p')).headers['x-cache']).toBe('HIT')
  })

  it('answer a change that the store cannot be told of at once', async () => {
    const { one, store } = await two()
    await one.ask('/p')
    store.disconnect()
    expect((await one.ask('/p', {}, 'PUT')).body).toBe('changed')
    expect((await one.ask('/p')).body).toBe('one 2')
  })

  it('do not take a value of the library for a response, nor the other way round', async () => {
    const { one, other, settled } = await two()
    await one.cache.set('PRODUCTS', 'GET shop.example/p', { status: 200, body: 'made up' })
    await settled()
    expect((await other.ask('/p')).body).toBe('other 1')
  })

  it('in which a namespace is kept in memory share nothing of it', async () => {
    const clock = fakeClock()
    const store = createMemoryStore({ clock })
    const caches = [1, 2].map(() =>
      createCache({
        clock,
        registry: new MetricRegistry(),
        shared: store.driver(),
        namespaces: { own: { ttlMs: 60_000, tiers: 'memory' } },
      }),
    )
    const bodies: string[] = []
    for (const [i, cache] of caches.entries()) {
      await cache.ready()
      const app = fastify()
      onTestFinished(async () => {
        await app.close()
        await cache.close()
      })
      app.get('/p', cache.hooks('own'), async () => `from ${i}`)
      bodies.push((await app.inject('/p')).body)
      await clock.advance(0)
    }
    expect(bodies).toEqual(['from 0', 'from 1'])
  })
})
