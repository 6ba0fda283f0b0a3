import type { HttpCache, HttpCacheAnswer, HttpCacheFetch, HttpCacheLookup } from '@millrace/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { http2Pool } from '../../src/testing/suites/http2-backends.ts'

/** What the gateway asks backends by itself, where they are spoken to in HTTP/2. */
let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(() => fixture.close())

it('copies of requests, with their bodies', async () => {
  const copies: string[] = []
  const original = await fixture.http2Backend((req, res) => {
    req.resume()
    res.end('original')
  })
  const shadow = await fixture.http2Backend((req, res) => {
    let body = ''
    req.on('data', (chunk: Buffer) => (body += chunk.toString()))
    req.on('end', () => {
      copies.push(`${req.method} ${req.url} ${String(req.headers['x-millrace-mirror'])} ${body}`)
      res.end('nobody reads this')
    })
  })
  const [pool] = http2Pool(original).pools
  await fixture.start({
    routes: [{ prefix: '/', pool: 'app', mirror: { pool: 'shadow', share: 100, methods: ['PUT', 'GET'] } }],
    pools: [
      pool!,
      { name: 'shadow', protocol: 'http2', backends: [{ id: 's/1', host: '127.0.0.1', port: shadow }] },
    ],
  })
  expect((await fixture.ask('/a', { method: 'PUT', body: 'all of it' })).text).toBe('original')
  await expect.poll(() => copies).toEqual(['PUT /a 1 all of it'])
  expect((await fixture.ask('/b')).text).toBe('original')
  await expect.poll(() => copies.length).toBe(2)
  await expect.poll(async () => (await fixture.engine.stats()).pools[1]!.backends[0]!.inFlight).toBe(0)
})

it('renewals of the cache', async () => {
  const renewed: string[] = []
  let body = ''
  const renewal: HttpCacheFetch = {
    kind: 'fetch',
    rawHeaders: ['host', 'shop.example', 'if-none-match', '"a"'],
    responded: (status, received) => {
      renewed.push(`${status} ${received.join(' ')}`)
      return { kind: 'record', addHeaders: [] }
    },
    write: (chunk) => {
      body += chunk.toString()
      return true
    },
    end: () => void renewed.push(body),
    fail: () => void renewed.push('failed'),
  }
  const stale: HttpCacheAnswer & { kind: 'answer' } = {
    kind: 'answer',
    status: 200,
    rawHeaders: ['content-type', 'text/plain'],
    body: Buffer.from('stale'),
    cacheStatus: 'stale',
    renewal,
  }
  const httpCache: HttpCache = {
    lookup: (): HttpCacheLookup => stale,
    purge: async () => undefined,
    stats: () => ({ entries: 0, bytes: 0, maxBytes: 1 }),
    close: async () => undefined,
  }
  const port = await fixture.http2Backend((req, res) => {
    res.setHeader('x-asked', String(req.headers['if-none-match']))
    res.end('new')
  })
  await fixture.start(http2Pool(port), { httpCache })
  expect((await fixture.ask('/')).text).toBe('stale')
  await expect.poll(() => renewed.length).toBe(2)
  expect(renewed[0]).toMatch(/^200 .*x-asked "a"/)
  expect(renewed[1]).toBe('new')
  await expect.poll(async () => (await fixture.engine.stats()).pools[0]!.backends[0]!.inFlight).toBe(0)
})
