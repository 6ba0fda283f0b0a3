import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { CachingSuitePart } from './caching-suite.ts'

const CACHEABLE = { 'cache-control': 'max-age=60', 'content-type': 'text/plain' }
const TEXT = 'The quick brown fox jumps over the lazy dog. '.repeat(100)

export const answersPart: CachingSuitePart = (fixture) => {
  it('a second time, with Age and Cache-Status, and counts it', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      asked++
      res.writeHead(200, CACHEABLE).end(`answer ${asked}`)
    })
    const first = await fixture().ask('/page?a=1')
    expect(first.headers['cache-status']).toMatch(/fwd=uri-miss/)
    const second = await fixture().ask('/page?a=1')
    expect(second).toMatchObject({ status: 200, text: 'answer 1' })
    expect(second.headers['cache-status']).toMatch(/; hit/)
    expect(Number(second.headers.age)).toBeGreaterThanOrEqual(0)
    expect((await fixture().ask('/page?a=2')).text).toBe('answer 2')
    expect(await fixture().cacheStats()).toMatchObject({ hit: 1, miss: 2, entries: 2 })
  })

  it('apart by what the response varies by', async () => {
    await fixture().serve((req, res) => {
      res.writeHead(200, { ...CACHEABLE, vary: 'Accept-Language' }).end(req.headers['accept-language'])
    })
    const ask = async (language: string): Promise<string> =>
      (await fixture().ask('/', { headers: { 'accept-language': language } })).text
    for (let round = 0; round < 2; round++) {
      for (const language of ['de', 'en', 'fr']) expect(await ask(language)).toBe(language)
    }
    expect(await fixture().cacheStats()).toMatchObject({ hit: 3, miss: 3 })
  })

  it('apart by host and by scheme', async () => {
    await fixture().serve(
      (req, res) =>
        res
          .writeHead(200, CACHEABLE)
          .end(`${String(req.headers['x-forwarded-proto'])}://${req.headers.host}`),
      {},
      { trustedProxies: ['loopback'] },
    )
    const ask = async (headers: Record<string, string>): Promise<string> =>
      (await fixture().ask('/', { headers })).text
    for (let round = 0; round < 2; round++) {
      expect(await ask({ host: 'a.example' })).toBe('http://a.example')
      expect(await ask({ host: 'b.example' })).toBe('http://b.example')
      expect(await ask({ host: 'a.example', 'x-forwarded-proto': 'https' })).toBe('https://a.example')
    }
  })

  it('apart by a host that only a proxy names, and by a prefix', async () => {
    await fixture().serve(
      (req, res) =>
        res
          .writeHead(200, CACHEABLE)
          .end(
            `${String(req.headers['x-forwarded-host'])}${String(req.headers['x-forwarded-prefix'] ?? '')}`,
          ),
      {},
      { trustedProxies: ['loopback'] },
    )
    const ask = async (headers: Record<string, string>): Promise<string> =>
      (await fixture().ask('/', { headers: { host: 'shop.example', ...headers } })).text
    expect(await ask({ 'x-forwarded-host': 'evil.example' })).toBe('evil.example')
    expect(await ask({})).toBe('shop.example')
    expect(await ask({ 'x-forwarded-prefix': '/evil' })).toBe('shop.example/evil')
    expect(await ask({})).toBe('shop.example')
  })

  it('a stale response again when the application confirms it', async () => {
    let confirmed = 0
    await fixture().serve((req, res) => {
      const headers = { 'cache-control': 'no-cache', etag: '"v1"', 'content-type': 'text/plain' }
      if (req.headers['if-none-match'] === '"v1"') {
        confirmed++
        res.writeHead(304, { ...headers, 'x-new': 'yes' }).end()
      } else res.writeHead(200, headers).end('body')
    })
    await fixture().ask('/')
    const second = await fixture().ask('/')
    expect(second).toMatchObject({ status: 200, text: 'body' })
    expect(second.headers['x-new']).toBe('yes')
    expect(confirmed).toBe(1)
    expect(await fixture().cacheStats()).toMatchObject({ miss: 1, revalidated: 1 })
  })

  it('304 to a visitor who has it, and a part to one who asks for that', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      asked++
      res.writeHead(200, { ...CACHEABLE, etag: '"v1"', 'content-length': '10' }).end('0123456789')
    })
    await fixture().ask('/')
    const same = await fixture().ask('/', { headers: { 'if-none-match': '"v1"' } })
    expect(same).toMatchObject({ status: 304, text: '' })
    const part = await fixture().ask('/', { headers: { range: 'bytes=2-4' } })
    expect(part).toMatchObject({ status: 206, text: '234' })
    expect(part.headers['content-range']).toBe('bytes 2-4/10')
    expect((await fixture().ask('/', { headers: { range: 'bytes=20-' } })).status).toBe(416)
    expect(asked).toBe(1)
  })

  it('HEAD with the length of what GET has', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      asked++
      res.writeHead(200, { ...CACHEABLE, 'content-length': '5' }).end('12345')
    })
    await fixture().ask('/')
    const head = await fixture().ask('/', { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(head.headers['content-length']).toBe('5')
    expect(asked).toBe(1)
  })

  it('compressed for those who take that, from one stored body and compressed once', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      asked++
      res.writeHead(200, { ...CACHEABLE, etag: '"v1"', 'content-length': String(TEXT.length) }).end(TEXT)
    })
    const ask = (encoding: string) => fixture().ask('/', { headers: { 'accept-encoding': encoding } })
    expect(brotliDecompressSync((await ask('br')).body).toString()).toBe(TEXT)
    for (let round = 0; round < 3; round++) {
      const br = await ask('br')
      expect(brotliDecompressSync(br.body).toString()).toBe(TEXT)
      expect(br.headers).toMatchObject({ 'content-encoding': 'br', etag: 'W/"v1"', vary: 'Accept-Encoding' })
      expect(br.headers['content-length']).toBe(String(br.body.length))
      expect(gunzipSync((await ask('gzip')).body).toString()).toBe(TEXT)
      const plain = await ask('identity')
      expect(plain.text).toBe(TEXT)
      expect(plain.headers.etag).toBe('"v1"')
    }
    const conditional = { 'accept-encoding': 'br', 'if-none-match': 'W/"v1"' }
    expect((await fixture().ask('/', { headers: conditional })).status).toBe(304)
    expect(asked).toBe(1)
    const { encodedBytes } = await fixture().cacheStats()
    expect(encodedBytes).toBeGreaterThan(TEXT.length)
    expect(encodedBytes).toBeLessThan(2 * TEXT.length)
  })

  it('also where no compressed form is kept', async () => {
    await fixture().serve(
      (_req, res) => res.writeHead(200, CACHEABLE).end(TEXT),
      {},
      { cache: { encodedBytes: 0 } },
    )
    for (let round = 0; round < 3; round++) {
      const { body } = await fixture().ask('/', { headers: { 'accept-encoding': 'br' } })
      expect(brotliDecompressSync(body).toString()).toBe(TEXT)
    }
    expect(await fixture().cacheStats()).toMatchObject({ hit: 2, encodedBytes: 0 })
  })

  it('in the order of the requests on one connection, whatever came from where', async () => {
    await fixture().serve((req, res) => {
      const headers = req.url === '/cached' ? CACHEABLE : { 'cache-control': 'no-store' }
      setTimeout(() => res.writeHead(200, headers).end(`answer to ${req.url}.`), 20)
    })
    await fixture().ask('/cached', { headers: { host: 'x' } })
    const connection = await fixture().connect()
    const paths = ['/a', '/cached', '/b', '/cached', '/c']
    connection.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
    const text = await connection.until((received) => received.includes('answer to /c.'))
    expect([...text.matchAll(/answer to ([/a-z]+)\./g)].map(([, path]) => path)).toEqual(paths)
    expect(await fixture().cacheStats()).toMatchObject({ hit: 2 })
  })

  it('to HTTP/1.0 as well', async () => {
    await fixture().serve((_req, res) => res.writeHead(200, CACHEABLE).end('body'))
    await fixture().ask('/', { headers: { host: 'x' } })
    const connection = await fixture().connect()
    connection.write('GET / HTTP/1.0\r\nHost: x\r\n\r\n')
    const text = await connection.untilClosed()
    expect(text).toMatch(/cache-status: [^\r]*hit/)
    expect(text).toMatch(/content-length: 4\r\n/)
    expect(text.endsWith('\r\n\r\nbody')).toBe(true)
  })

  it('nothing for excluded paths, pools without a cache, event streams, or a GET with a body', async () => {
    let asked = 0
    const port = await fixture().backend((req, res) => {
      req.resume()
      asked++
      res.writeHead(200, CACHEABLE).end('x')
    })
    await fixture().startCaching(port, {}, { cache: { exclude: ['/live'] } })
    for (let round = 0; round < 2; round++) {
      await fixture().ask('/live/1')
      await fixture().ask('/stream', { headers: { accept: 'text/event-stream' } })
      await fixture().ask('/body', { body: 'x', headers: { 'content-length': '1' } })
    }
    expect(asked).toBe(6)
    await fixture().ask('/lively')
    await fixture().engine.update({
      routes: [{ prefix: '/', pool: 'app' }],
      pools: [{ name: 'app', cache: false, backends: [{ id: 'app/1', host: '127.0.0.1', port }] }],
    })
    await fixture().ask('/lively')
    expect(asked).toBe(8)
    expect(await fixture().cacheStats()).toMatchObject({ hit: 0, miss: 1 })
  })

  it('not after a change that succeeded', async () => {
    let version = 1
    await fixture().serve((req, res) => {
      if (req.method === 'GET') res.writeHead(200, CACHEABLE).end(`v${version}`)
      else if (req.url === '/refused') res.writeHead(409).end()
      else {
        version++
        res.writeHead(204).end()
      }
    })
    await fixture().ask('/thing')
    await fixture().ask('/refused', { method: 'DELETE' })
    expect((await fixture().ask('/thing')).text).toBe('v1')
    await fixture().ask('/thing', { method: 'POST', body: 'x' })
    expect((await fixture().ask('/thing')).text).toBe('v2')
  })
}
