import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { eventually } from '../fixture.ts'
import type { CachingSuitePart } from './caching-suite.ts'

const CACHEABLE = { 'cache-control': 'max-age=60' }

export const attacksPart: CachingSuitePart = (fixture) => {
  it.each([
    ['X-HTTP-Host-Override', 'evil.example'],
    ['x_http_method_override', 'DELETE'],
    ['X_Original_URL', '/admin'],
  ])('who send fields that applications believe get a page of their own: %s', async (name, value) => {
    await fixture().serve((req, res) => {
      res.writeHead(200, CACHEABLE).end(`for ${String(req.headers[name.toLowerCase()])}`)
    })
    expect((await fixture().ask('/', { headers: { [name]: value } })).text).toBe(`for ${value}`)
    expect((await fixture().ask('/')).text).toBe('for undefined')
  })

  it('who are known by a key of an application’s own do not share', async () => {
    await fixture().serve((req, res) => {
      res.writeHead(200, CACHEABLE).end(`for ${String(req.headers['x-api-key'])}`)
    })
    for (const key of ['ann', 'bob']) {
      expect((await fixture().ask('/', { headers: { 'x-api-key': key } })).text).toBe(`for ${key}`)
    }
    expect((await fixture().ask('/')).text).toBe('for undefined')
  })

  it('who wait for a page that each must have confirmed do not wait for one another', async () => {
    const open: ServerResponse[] = []
    const headers = { 'cache-control': 'no-cache', etag: '"1"' }
    await fixture().serve((_req, res) => void open.push(res))
    const all = Array.from({ length: 10 }, () => fixture().ask('/'))
    await eventually(() => open.length === 1, 'the first request')
    open[0]!.writeHead(200, headers).end('page')
    await eventually(() => open.length === 10, 'the others, all at once')
    for (const res of open.slice(1)) res.writeHead(304, headers).end()
    expect(new Set((await Promise.all(all)).map(({ text }) => text))).toEqual(new Set(['page']))
  })

  it('get no cookie that an application set for somebody else as it confirmed a page', async () => {
    let asked = 0
    await fixture().serve((req, res) => {
      const headers = { 'cache-control': 'max-age=0, must-revalidate', etag: '"1"' }
      if (req.headers['if-none-match'] === undefined) res.writeHead(200, headers).end('page')
      else res.writeHead(304, { ...headers, 'set-cookie': `session=${++asked}` }).end()
    })
    const seen: string[] = []
    for (let i = 0; i < 6; i++) {
      const { text, headers } = await fixture().ask('/')
      expect(text).toBe('page')
      seen.push(...(headers['set-cookie'] ?? []))
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBe(asked)
  })

  it('are not given again what was purged while a HEAD was answered', async () => {
    let held: ServerResponse | undefined
    let version = 'old'
    const headers = { ...CACHEABLE, etag: '"1"', 'surrogate-key': 'page' }
    await fixture().serve((req, res) => {
      if (req.method === 'HEAD') held = res
      else res.writeHead(200, headers).end(version)
    })
    expect((await fixture().ask('/')).text).toBe('old')
    const head = fixture().ask('/', { method: 'HEAD', headers: { 'cache-control': 'no-cache' } })
    await eventually(() => held !== undefined, 'the HEAD at the backend')
    await fixture().engine.purge({ keys: ['page'] })
    version = 'new'
    held!.writeHead(200, headers).end()
    await head
    expect((await fixture().ask('/')).text).toBe('new')
  })

  it('see whole answers in their order behind an application that sends bodies where none belong', async () => {
    const answers = [
      'HTTP/1.1 200 OK\r\ncache-control: no-cache\r\netag: "1"\r\ncontent-length: 4\r\n\r\npage',
      'HTTP/1.1 304 Not Modified\r\netag: "1"\r\ncontent-length: 4\r\n\r\nevil',
    ]
    let asked = 0
    const backend = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => socket.write(answers[Math.min(asked++, 1)]!))
    })
    backend.listen(0, '127.0.0.1')
    await eventually(() => backend.listening, 'the backend')
    try {
      await fixture().startCaching((backend.address() as AddressInfo).port)
      const agent = fixture().agent()
      for (let i = 0; i < 5; i++) {
        const { status, text } = await fixture().ask('/', { agent })
        expect([200, 502]).toContain(status)
        expect(text).not.toContain('evil')
      }
    } finally {
      backend.close()
    }
  })
}
