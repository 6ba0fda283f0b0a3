import type { HttpPurge } from '@millrace/core'
import { expect, it } from 'vitest'
import type { CachingSuitePart } from './caching-suite.ts'

const PAGES = ['/products/1', '/products/2', '/images/a.png', '/']

export const purgingPart: CachingSuitePart = (fixture) => {
  const ways: [what: string, purge: HttpPurge, gone: string[]][] = [
    ['by URL', { url: 'http://shop.example/products/1' }, ['/products/1']],
    ['by path', { paths: ['/products/2', '/'] }, ['/products/2', '/']],
    ['by prefix', { prefix: 'http://shop.example/products/' }, ['/products/1', '/products/2']],
    ['by a prefix of every host', { prefix: '/images/' }, ['/images/a.png']],
    ['by surrogate key', { keys: ['products'] }, ['/products/1', '/products/2']],
    ['everything', { all: true }, PAGES],
  ]
  const host = { host: 'shop.example' }

  it.each(ways)('%s', async (_what, purge, gone) => {
    const asked: string[] = []
    await fixture().serve((req, res) => {
      asked.push(req.url!)
      const key = req.url!.startsWith('/products/') ? 'products' : 'other'
      res.writeHead(200, { 'cache-control': 'max-age=60', 'surrogate-key': `all ${key}` }).end(req.url)
    })
    for (const page of PAGES) await fixture().ask(page, { headers: host })
    asked.length = 0
    expect(await fixture().engine.purge(purge)).toEqual({ workers: 1, confirmed: 1 })
    for (const page of PAGES) {
      const { headers, text } = await fixture().ask(page, { headers: host })
      expect(text).toBe(page)
      expect(headers).not.toHaveProperty('surrogate-key')
    }
    expect(asked.sort()).toEqual([...gone].sort())
  })

  it('softly: kept for the case that the application fails', async () => {
    let down = false
    await fixture().serve((_req, res) => {
      if (down) res.writeHead(503).end()
      else res.writeHead(200, { 'cache-control': 'max-age=60, stale-if-error=60' }).end('kept')
    })
    await fixture().ask('/', { headers: host })
    down = true
    await fixture().engine.purge({ url: 'http://shop.example/', soft: true })
    expect(await fixture().ask('/', { headers: host })).toMatchObject({ status: 200, text: 'kept' })
    await fixture().engine.purge({ url: 'http://shop.example/' })
    expect((await fixture().ask('/', { headers: host })).status).toBe(503)
  })

  it('what is on its way at that moment is not stored', async () => {
    const released = Promise.withResolvers<void>()
    let asked = 0
    await fixture().serve(async (_req, res) => {
      const number = ++asked
      if (number === 1) await released.promise
      res.writeHead(200, { 'cache-control': 'max-age=60' }).end(`answer ${number}`)
    })
    const early = fixture().ask('/', { headers: host })
    await expect.poll(() => asked, { timeout: 10_000 }).toBe(1)
    await fixture().engine.purge({ url: 'http://shop.example/' })
    released.resolve()
    expect((await early).text).toBe('answer 1')
    expect((await fixture().ask('/', { headers: host })).text).toBe('answer 2')
  })

  it('by the answer of an application to a change, which visitors see nothing of', async () => {
    const purge = { 'surrogate-key-purge': 'products  other' }
    const asked: string[] = []
    await fixture().serve((req, res) => {
      asked.push(`${req.method} ${req.url}`)
      if (req.url === '/refused') res.writeHead(409, purge).end()
      else if (req.method === 'POST') res.writeHead(201, purge).end('made')
      else res.writeHead(200, { 'cache-control': 'max-age=60', 'surrogate-key': 'products', ...purge }).end()
    })
    const look = () => fixture().ask('/products', { headers: host })
    const change = (path: string) => fixture().ask(path, { method: 'POST', headers: host })
    expect((await look()).headers).not.toHaveProperty('surrogate-key-purge')
    // One that only reads changes nothing, nor does one that was refused.
    await fixture().ask('/elsewhere', { headers: host })
    expect((await change('/refused')).headers).not.toHaveProperty('surrogate-key-purge')
    await look()
    expect(await change('/orders')).toMatchObject({ status: 201, text: 'made' })
    await look()
    await look()
    expect(asked.filter((line) => line === 'GET /products')).toHaveLength(2)
  })

  it('by an application, and again for what another of its instances filled the gap with', async () => {
    let stored = 'old'
    let behind = false
    await fixture().serve((req, res) => {
      if (req.method === 'POST') {
        stored = 'new'
        behind = true
        res.writeHead(204, { 'surrogate-key-purge': 'products' }).end()
      } else {
        const body = behind ? 'old' : stored
        res.writeHead(200, { 'cache-control': 'max-age=60', 'surrogate-key': 'products' }).end(body)
      }
    })
    const look = async () => (await fixture().ask('/products', { headers: host })).text
    await look()
    await fixture().ask('/products', { method: 'POST', headers: host })
    expect(await look()).toBe('old')
    behind = false
    expect(await look()).toBe('old')
    await expect.poll(look, { timeout: 5_000 }).toBe('new')
  })

  it('PURGE of a visitor is a request like any other', async () => {
    const methods: string[] = []
    await fixture().serve((req, res) => {
      methods.push(req.method!)
      if (req.method === 'PURGE') res.writeHead(405).end()
      else res.writeHead(200, { 'cache-control': 'max-age=60' }).end('kept')
    })
    await fixture().ask('/', { headers: host })
    expect((await fixture().ask('/', { method: 'PURGE', headers: host })).status).toBe(405)
    expect((await fixture().ask('/', { headers: host })).text).toBe('kept')
    expect(methods).toEqual(['GET', 'PURGE'])
  })
}
