import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { expect, it } from 'vitest'
import type { GatewayTable } from '../../drivers/driver.ts'
import type { EngineSuitePart } from '../engine-suite.ts'
import { onePool } from '../fixture.ts'

/** One pool whose backends are spoken to in HTTP/2. */
export const http2Pool = (ports: number | readonly number[]): GatewayTable => {
  const { routes, pools } = onePool(ports)
  return { routes, pools: pools.map((pool) => ({ ...pool, protocol: 'http2' as const })) }
}

export const http2BackendsSuite: EngineSuitePart = (fixture) => {
  const start = (ports: number | number[]): Promise<boolean> =>
    fixture().startWith('protocol', http2Pool(ports))

  it('requests and responses pass with their fields and bodies', async () => {
    const seen: Record<string, unknown>[] = []
    const port = await fixture().http2Backend((req, res) => {
      let bytes = 0
      req.on('data', (chunk: Buffer) => (bytes += chunk.length))
      req.on('end', () => {
        const { method, url, authority, headers, httpVersion } = req
        const { 'x-several': several, connection, 'x-forwarded-for': from } = headers
        seen.push({ method, url, authority, httpVersion, several, connection, from, bytes })
        res.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'x-answer': 'yes' })
        res.end('done')
      })
    })
    if (!(await start(port))) return
    const answer = await fixture().ask('/cart?id=1', {
      method: 'PUT',
      headers: {
        host: 'shop.example',
        'x-several': ['1', '2'],
        connection: 'keep-alive, x-hop',
        'x-hop': '1',
      },
      body: Buffer.alloc(1_000_000),
    })
    expect([answer.status, answer.text]).toEqual([201, 'done'])
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(answer.headers['x-answer']).toBe('yes')
    expect(seen).toEqual([
      {
        method: 'PUT',
        url: '/cart?id=1',
        authority: 'shop.example',
        httpVersion: '2.0',
        several: '1, 2',
        connection: undefined,
        from: '127.0.0.1',
        bytes: 1_000_000,
      },
    ])
  })

  it('answers without a body have none, and trailers follow those that have one', async () => {
    const port = await fixture().http2Backend((req, res) => {
      if (req.url !== '/trailers') {
        res.writeHead(Number(req.url.slice(1)), { etag: '"a"' }).end()
        return
      }
      res.write('body')
      res.addTrailers({ 'x-checksum': 'abc' })
      res.end()
    })
    if (!(await start(port))) return
    for (const [path, method] of [
      ['/204', 'GET'],
      ['/304', 'GET'],
      ['/200', 'HEAD'],
      ['/404', 'POST'],
    ] as const) {
      const answer = await fixture().ask(path, { method })
      expect([answer.status, answer.body.length, answer.headers.etag]).toEqual([
        Number(path.slice(1)),
        0,
        '"a"',
      ])
    }
    const { text, trailers } = await fixture().ask('/trailers', { headers: { te: 'trailers' } })
    expect([text, trailers['x-checksum']]).toEqual(['body', 'abc'])
  })

  const endings: Record<string, (stream: ServerHttp2Stream) => void> = {
    'is reset': (stream) => stream.close(2),
    'is cancelled': (stream) => stream.close(8),
    'is closed without an error': (stream) => stream.close(0),
    'loses its connection': (stream) => stream.session!.destroy(),
  }
  it.each(Object.entries(endings))(
    'an answer whose stream %s in the middle is never taken for complete',
    async (_title, end) => {
      const port = await fixture().http2Backend((_req, res) => {
        res.write('only this', () => setImmediate(() => end(res.stream)))
      })
      if (!(await start(port))) return
      const connection = await fixture().connect()
      connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await connection.untilClosed()
      expect(connection.text).toMatch(/^HTTP\/1\.1 200/)
      expect(connection.text).not.toContain('0\r\n\r\n')
    },
  )

  it('a visitor who leaves cancels the request at the backend, and not the connection', async () => {
    const fates: number[] = []
    const sessions: ServerHttp2Session[] = []
    const port = await fixture().http2Backend(
      (req, res) => {
        if (req.url === '/next') {
          res.end('still here')
          return
        }
        res.write('first')
        req.stream.on('close', () => fates.push(req.stream.rstCode))
      },
      (server) => server.on('session', (session) => sessions.push(session)),
    )
    if (!(await start(port))) return
    const connection = await fixture().connect()
    connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await connection.until((text) => text.includes('first'))
    connection.destroy()
    await expect.poll(() => fates).toEqual([8])
    expect((await fixture().ask('/next')).text).toBe('still here')
  })

  it('a backend that says it will go fails no request', async () => {
    let connections = 0
    const port = await fixture().http2Backend(
      (req, res) => {
        // After every answer: a new connection for the next request.
        if (connections < 5) req.stream.session!.close()
        res.end('ok')
      },
      (server) => server.on('session', () => connections++),
    )
    if (!(await start(port))) return
    for (let i = 0; i < 8; i++)
      expect((await fixture().ask('/', { method: 'POST', body: 'x' })).status).toBe(200)
    // At least one for each that went; an engine may open another beside it.
    expect(connections).toBeGreaterThanOrEqual(5)
    expect(connections).toBeLessThan(9)
  })

  it('502 for a backend that does not speak HTTP/2', async () => {
    const port = await fixture().backend((_req, res) => res.end('no'))
    if (!(await start(port))) return
    expect((await fixture().ask('/', { method: 'POST', body: 'x' })).status).toBe(502)
  })
}
