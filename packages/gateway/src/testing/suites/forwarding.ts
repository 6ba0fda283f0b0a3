import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import { rawExchange, statuses } from '../raw-connection.ts'

/** A request as a backend saw it. */
interface Seen {
  url: string
  method: string
  headers: IncomingMessage['headers']
  names: string[]
  body: string
}

const REQUEST_LINE = 'GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n'

export const forwardingSuite: EngineSuitePart = (fixture) => {
  const recording = async (options = {}): Promise<Seen[]> => {
    const seen: Seen[] = []
    const port = await fixture().backend((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const names = req.rawHeaders.filter((_, index) => index % 2 === 0)
        const body = Buffer.concat(chunks).toString()
        seen.push({ url: req.url!, method: req.method!, headers: req.headers, names, body })
        res.end('done')
      })
    })
    await fixture().start(port, options)
    return seen
  }

  it('method, path, query and body arrive unchanged, with Host', async () => {
    const seen = await recording()
    const answer = await fixture().ask('/a%2Fb/../c?x=1&y=%20', {
      method: 'PATCH',
      body: 'content',
      headers: { host: 'shop.example' },
    })
    expect(answer.status).toBe(200)
    expect(seen[0]).toMatchObject({ url: '/a%2Fb/../c?x=1&y=%20', method: 'PATCH', body: 'content' })
    expect(seen[0]!.headers.host).toBe('shop.example')
  })

  it('names of headers arrive as they were written', async () => {
    const seen = await recording()
    await fixture().ask('/', { headers: { 'X-CamelCase': 'kept' } })
    expect(seen[0]!.names).toContain('X-CamelCase')
  })

  it('hop-by-hop headers and those that Connection names stay here', async () => {
    const seen = await recording()
    const text = await rawExchange(
      fixture().port,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Private\r\nX-Private: 1\r\nX-Public: 2\r\n' +
        'Keep-Alive: timeout=9\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\nTE: trailers, gzip\r\n' +
        'Upgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
    )
    expect(statuses(text)).toEqual([200])
    const { headers } = seen[0]!
    expect(headers['x-public']).toBe('2')
    expect(headers.te).toBe('trailers')
    for (const name of ['x-private', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'upgrade']) {
      expect(headers).not.toHaveProperty(name)
    }
  })

  it('Connection cannot remove what gives a message its meaning', async () => {
    const seen = await recording()
    await rawExchange(
      fixture().port,
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close, Host, Content-Length, X-Forwarded-For, Cookie, Authorization, Content-Encoding, TE\r\n' +
        'Content-Length: 2\r\nCookie: a=1\r\nAuthorization: b\r\nContent-Encoding: c\r\nTE: trailers\r\n\r\nok',
    )
    expect(seen[0]).toMatchObject({
      body: 'ok',
      headers: {
        host: 'a',
        'x-forwarded-for': '127.0.0.1',
        cookie: 'a=1',
        authorization: 'b',
        'content-encoding': 'c',
        te: 'trailers',
      },
    })
  })

  it('replaces forwarding headers of visitors who are not trusted', async () => {
    const seen = await recording()
    await rawExchange(
      fixture().port,
      `${REQUEST_LINE}X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\nX_Forwarded_For: 1.2.3.4\r\n\r\n`,
    )
    const { headers } = seen[0]!
    expect(headers).not.toHaveProperty('x_forwarded_for')
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'shop.example',
    })
    expect(headers).not.toHaveProperty('forwarded')
    expect(headers).not.toHaveProperty('x-real-ip')
  })

  it('continues those of trusted proxies', async () => {
    const seen = await recording({ trustedProxies: ['loopback'] })
    await rawExchange(
      fixture().port,
      `${REQUEST_LINE}X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b\r\nForwarded: for=1.2.3.4\r\n\r\n`,
    )
    expect(seen[0]!.headers).toMatchObject({
      'x-forwarded-for': '1.2.3.4, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'b',
      forwarded: 'for=1.2.3.4, for=127.0.0.1;proto=http',
    })
  })

  it('an absolute-form target gives path and Host', async () => {
    const seen = await recording()
    await rawExchange(
      fixture().port,
      'GET http://other.example/x?y HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n',
    )
    expect(seen[0]).toMatchObject({ url: '/x?y', headers: { host: 'other.example' } })
  })

  it('responses keep every Set-Cookie and lose hop-by-hop headers', async () => {
    const port = await fixture().backend((_req, res) => {
      const pairs =
        'Set-Cookie=a=1 Set-Cookie=b=2 X-Kept=yes Connection=keep-alive,X-Hop X-Hop=no Proxy-Authenticate=Basic'
      res.writeHead(
        200,
        pairs
          .split(' ')
          .flatMap((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      )
      res.end('x')
    })
    await fixture().start(port, { via: 'edge' })
    const { headers } = await fixture().ask('/')
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(headers).toMatchObject({ 'x-kept': 'yes', via: '1.1 edge' })
    expect(headers).not.toHaveProperty('x-hop')
    expect(headers).not.toHaveProperty('proxy-authenticate')
  })

  it('header values are bytes, not UTF-8', async () => {
    const port = await fixture().rawBackend((socket) => {
      socket.on('data', (chunk: Buffer) => {
        const name = /x-name: ([^\r]+)/i.exec(chunk.toString('latin1'))![1]!
        socket.end(
          Buffer.from(
            `HTTP/1.1 200 Fran\xe7ais\r\nX-Name: ${name}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
            'latin1',
          ),
        )
      })
    })
    await fixture().start(port)
    const text = await rawExchange(fixture().port, `${REQUEST_LINE}X-Name: Andr\xe9\r\n\r\n`)
    expect(text).toMatch(/X-Name: Andr\xe9\r\n/i)
  })

  it('HEAD, 204 and 304 have no body, and the connection stays usable', async () => {
    const port = await fixture().backend((req, res) => {
      if (req.url === '/204') res.writeHead(204).end()
      else if (req.url === '/304') res.writeHead(304, { etag: '"a"' }).end()
      else res.writeHead(200, { 'content-length': '5' }).end(req.method === 'HEAD' ? undefined : 'hello')
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    for (const [line, status] of [
      ['HEAD /', 200],
      ['GET /204', 204],
      ['GET /304', 304],
      ['GET /', 200],
    ] as const) {
      const before = statuses(connection.text).length
      connection.write(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`)
      await connection.until(
        (text) => statuses(text).length === before + 1 && text.endsWith('\r\n\r\n') !== (line === 'GET /'),
      )
      expect(statuses(connection.text).at(-1)).toBe(status)
    }
    expect(connection.text.endsWith('hello')).toBe(true)
    expect(connection.text.match(/content-length: 5/gi)).toHaveLength(2)
  })

  it('HTTP/1.0 visitors, OPTIONS * and CONNECT get a proper answer', async () => {
    const seen = await recording()
    const old = await rawExchange(fixture().port, 'GET /old HTTP/1.0\r\nHost: a\r\n\r\n')
    expect(old).toMatch(/^HTTP\/1\.1 200/)
    expect(old.endsWith('done')).toBe(true)
    const star = await rawExchange(
      fixture().port,
      'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(statuses(star)).toEqual([400])
    const tunnel = await rawExchange(
      fixture().port,
      'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n',
    )
    expect(statuses(tunnel)).toEqual([405])
    expect(seen.map(({ url }) => url)).toEqual(['/old'])
  })

  it('Expect: 100-continue is answered before the body is sent', async () => {
    const seen = await recording()
    const connection = await fixture().connect()
    connection.write(
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
    )
    await connection.until((text) => text.includes('HTTP/1.1 100 Continue'))
    connection.write('body')
    await connection.untilClosed()
    expect(statuses(connection.text)).toEqual([100, 200])
    expect(seen[0]!.body).toBe('body')
    expect(seen[0]!.headers).not.toHaveProperty('expect')
  })

  it('early hints and trailers pass', async () => {
    const port = await fixture().backend((_req, res) => {
      res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
      res.writeHead(200, { trailer: 'X-Sum' })
      res.write('body')
      res.addTrailers({ 'X-Sum': 'abc' })
      res.end()
    })
    await fixture().start(port)
    const answer = await fixture().ask('/')
    expect(answer.trailers).toEqual({ 'x-sum': 'abc' })
    expect(answer.headers.trailer).toBe('X-Sum')
    const text = await rawExchange(fixture().port, `${REQUEST_LINE}\r\n`)
    expect(statuses(text)).toEqual([103, 200])
    expect(text).toMatch(/link: <\/style\.css>; rel=preload; as=style/i)
  })

  it('trailers that frame, route or set state are dropped', async () => {
    const port = await fixture().rawBackend((socket) =>
      socket.on('data', () =>
        socket.end(
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n' +
            'X-Sum: 1\r\nConnection: close\r\nSet-Cookie: a=b\r\nTrailer: c\r\n\r\n',
        ),
      ),
    )
    await fixture().start(port)
    expect((await fixture().ask('/')).trailers).toEqual({ 'x-sum': '1' })
  })

  it('a 204 has no Content-Length', async () => {
    const port = await fixture().rawBackend((socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n')),
    )
    await fixture().start(port)
    const { status, headers } = await fixture().ask('/')
    expect(status).toBe(204)
    expect(headers).not.toHaveProperty('content-length')
  })
}
