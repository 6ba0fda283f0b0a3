import { readFileSync } from 'node:fs'
import { createSecureServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway, type GatewayOptions } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { http2Pool } from '../../src/testing/suites/http2-backends.ts'
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  field,
  frame,
  HEADERS,
  PUSH_PROMISE,
  RST_STREAM,
  speakFrames,
  STATUS_200,
  word,
} from '../support/http2-frames.ts'

let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(() => fixture.close())

const start = (ports: number | number[], options: GatewayOptions = {}): Promise<void> =>
  fixture.start(http2Pool(ports), options)
const POST = { method: 'POST', body: 'x' }

describe('time', () => {
  it('504 without a head in time, whatever interim responses come', async () => {
    const port = await fixture.http2Backend((_req, res) => {
      const timer = setInterval(() => res.stream.additionalHeaders({ ':status': 103, link: '</a>' }), 100)
      res.stream.on('close', () => clearInterval(timer))
    })
    await start(port, { timeouts: { responseMs: 300 } })
    expect((await fixture.ask('/', POST)).status).toBe(504)
  })

  it('an upload that takes longer than an answer may take is none of the backend’s doing', async () => {
    const port = await fixture.http2Backend((req, res) => {
      req.resume()
      req.on('end', () => res.end('ok'))
    })
    await start(port, { timeouts: { responseMs: 200 } })
    const connection = await fixture.connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n')
    const parts = 'abcdef'.split('')
    const timer = setInterval(() => connection.write(parts.shift() ?? ''), 250)
    try {
      expect(await connection.until((text) => text.includes('\r\n\r\n'))).toMatch(/^HTTP\/1.1 200/)
    } finally {
      clearInterval(timer)
    }
  })

  it('a body that stops is ended, unless it is a stream of events', async () => {
    const port = await fixture.http2Backend((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write('data: 1\n\n')
    })
    await start(port, { timeouts: { idleMs: 200 } })
    const events = await fixture.connect()
    events.write('GET / HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n')
    const other = await fixture.connect()
    other.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await other.untilClosed()
    expect(other.text).toContain('data: 1')
    expect(events.closed).toBeUndefined()
  })
})

describe('flow control', () => {
  it('a visitor who does not read holds its own stream back, and no other', async () => {
    let written = 0
    let blocked = false
    const chunk = Buffer.alloc(65_536)
    const port = await fixture.http2Backend((req, res) => {
      if (req.url === '/other') {
        res.end(Buffer.alloc(1_000_000))
        return
      }
      const fill = (): void => {
        blocked = false
        while (written < 200_000_000) {
          written += chunk.length
          if (res.write(chunk)) continue
          blocked = true
          res.once('drain', fill)
          return
        }
      }
      fill()
    })
    await start(port)
    const connection = await fixture.connect()
    connection.socket.pause()
    connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    let before = -1
    let still = 0
    await expect
      .poll(
        () => {
          still = written === before && blocked ? still + 1 : 0
          before = written
          return still
        },
        { timeout: 9_000 },
      )
      .toBeGreaterThan(5)
    expect(written).toBeLessThan(30_000_000)
    for (let i = 0; i < 20; i++) expect((await fixture.ask('/other')).body.length).toBe(1_000_000)
  })

  it('a backend that does not read holds the visitor back', async () => {
    const port = await fixture.rawBackend((socket) => speakFrames(socket, () => undefined))
    await start(port)
    const connection = await fixture.connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000000\r\n\r\n')
    let accepted = 0
    while (accepted < 80 && connection.socket.write(Buffer.alloc(1_000_000))) accepted++
    for (let left = 0; left < 3 && accepted < 80; accepted++) {
      const drained = await Promise.race([
        new Promise<boolean>((resolve) => connection.socket.once('drain', () => resolve(true))),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300)),
      ])
      if (!drained) left++
      else connection.socket.write(Buffer.alloc(1_000_000))
    }
    expect(accepted).toBeLessThan(60)
  })

  it('an answer that is complete before the request ends both', async () => {
    const codes: number[] = []
    const port = await fixture.http2Backend((req, res) => {
      req.stream.on('close', () => codes.push(req.stream.rstCode))
      res.writeHead(413).end('too large')
    })
    await start(port)
    const connection = await fixture.connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbeginning')
    expect(await connection.until((text) => text.includes('too large'))).toMatch(/^HTTP\/1.1 413/)
    await expect.poll(() => codes.length).toBe(1)
    const { inFlight, pools } = await fixture.engine.stats()
    expect([inFlight, pools[0]!.backends[0]!.inFlight]).toEqual([0, 0])
  })

  it('a visitor who leaves in the middle of a body cancels it at the backend', async () => {
    const codes: number[] = []
    let begun = false
    const port = await fixture.http2Backend((req) => {
      req.on('data', () => (begun = true))
      req.on('end', () => codes.push(-1))
      req.stream.on('close', () => codes.push(req.stream.rstCode))
    })
    await start(port)
    const connection = await fixture.connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbeginning')
    await expect.poll(() => begun).toBe(true)
    connection.destroy()
    await expect.poll(() => codes[0]).toBe(8)
  })
})

describe('a backend that means harm, or is broken', () => {
  const head = (stream: number, fields: Buffer = Buffer.alloc(0), flags = END_HEADERS): Buffer =>
    frame(HEADERS, flags, stream, Buffer.concat([STATUS_200, fields]))
  const many = (count: number): Buffer =>
    Buffer.concat(Array.from({ length: count }, (_, at) => field(`x-${at}`, 'y'.repeat(90))))
  const wrong: Record<string, (stream: number) => Buffer[]> = {
    'more fields than its limit': (stream) => [
      head(stream, many(130), 0),
      frame(CONTINUATION, END_HEADERS, stream, many(600)),
    ],
    'fields without end': (stream) => [
      head(stream, many(10), 0),
      ...Array.from({ length: 200 }, () => frame(CONTINUATION, 0, stream, many(100))),
    ],
    'a push': (stream) => [frame(PUSH_PROMISE, END_HEADERS, stream, Buffer.concat([word(2), STATUS_200]))],
    'a frame larger than agreed': (stream) => [frame(DATA, 0, stream, Buffer.alloc(100_000))],
    'data before a head': (stream) => [frame(DATA, 0, stream, Buffer.alloc(10))],
    'a field in capitals': (stream) => [head(stream, field('X-Bad', '1'))],
    'two lengths': (stream) => [
      head(stream, Buffer.concat([field('content-length', '1'), field('content-length', '2')])),
    ],
    'a transfer coding': (stream) => [head(stream, field('transfer-encoding', 'chunked'))],
    'bytes that are no frames': () => [Buffer.alloc(5_000, 0xff)],
    'a head without a status': (stream) => [frame(HEADERS, END_HEADERS, stream, field('x', 'y'))],
  }
  it.each(Object.entries(wrong))('502 for %s', async (_title, answer) => {
    const port = await fixture.rawBackend((socket) =>
      speakFrames(socket, ({ type, stream }, send) => {
        if (type === HEADERS) send(...answer(stream))
      }),
    )
    await start(port, { timeouts: { responseMs: 2_000 } })
    expect((await fixture.ask('/', POST)).status).toBe(502)
    const { inFlight, pools } = await fixture.engine.stats()
    expect([inFlight, pools[0]!.backends[0]!.inFlight]).toEqual([0, 0])
  })

  it.each([
    ['less', 'hi', END_STREAM],
    ['more', 'hello, you', END_STREAM],
  ])('a body of %s than its length is cut', async (_title, text, flags) => {
    const port = await fixture.rawBackend((socket) =>
      speakFrames(socket, ({ type, stream }, send) => {
        if (type === HEADERS)
          send(head(stream, field('content-length', '5')), frame(DATA, flags, stream, Buffer.from(text)))
      }),
    )
    await start(port)
    await expect(fixture.ask('/')).rejects.toThrow(/aborted|hang up|ECONNRESET/)
  })

  it('interim responses without end, for the gateway’s own requests as well', async () => {
    const port = await fixture.http2Backend((_req, res) => {
      const more = (): void => {
        for (let i = 0; i < 50 && !res.stream.destroyed; i++) res.stream.additionalHeaders({ ':status': 103 })
        if (!res.stream.destroyed) setImmediate(more)
      }
      more()
    })
    await start(port)
    expect((await fixture.ask('/', POST)).status).toBe(502)
  })

  it('a flood of resets and unasked frames hurts nobody else', async () => {
    const flooding = await fixture.rawBackend((socket) =>
      speakFrames(socket, ({ type, stream }, send) => {
        if (type !== HEADERS) return
        for (let i = 0; i < 2_000; i++)
          send(frame(RST_STREAM, 0, stream, word(8)), frame(6, 0, 0, Buffer.alloc(8)))
      }),
    )
    const port = await fixture.http2Backend((_req, res) => res.end('ok'))
    const { routes, pools } = http2Pool(port)
    await fixture.start({
      routes: [...routes, { prefix: '/flood', pool: 'flood' }],
      pools: [
        ...pools,
        { name: 'flood', protocol: 'http2', backends: [{ id: 'f/1', host: '127.0.0.1', port: flooding }] },
      ],
    })
    for (let i = 0; i < 5; i++) {
      const [bad, good] = await Promise.all([fixture.ask('/flood', POST), fixture.ask('/')])
      expect([bad.status, good.text]).toEqual([502, 'ok'])
    }
  })
})

describe('TLS', () => {
  const file = (name: string): Buffer => readFileSync(new URL(`../support/tls/${name}.pem`, import.meta.url))
  const tls = { cert: file('certificate'), key: file('key') }

  it('502 when the backend does not offer HTTP/2, and nothing was sent', async () => {
    let bytes = 0
    const server = createTlsServer({ ...tls, ALPNProtocols: ['http/1.1'] }, (socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      await start((server.address() as AddressInfo).port)
      expect((await fixture.ask('/', POST)).status).toBe(502)
      expect(bytes).toBe(0)
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('a certificate that nobody vouches for is not believed', async () => {
    const server = createSecureServer(tls, (_req, res) => res.end('no'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const table = http2Pool(port)
    const pools = table.pools.map((pool) => ({
      ...pool,
      backends: pool.backends.map((one) => ({ ...one, protocol: 'https' as const })),
    }))
    try {
      await fixture.start({ ...table, pools })
      expect((await fixture.ask('/', POST)).status).toBe(502)
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })
})

describe('WebSockets', () => {
  const HANDSHAKE =
    'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

  it('501 where the backend does not take them', async () => {
    const port = await fixture.http2Backend((_req, res) => res.end('no'))
    await start(port)
    const connection = await fixture.connect()
    connection.write(HANDSHAKE)
    expect(await connection.until((text) => text.includes('GATEWAY_UPGRADE_UNSUPPORTED'))).toMatch(
      /^HTTP\/1.1 501/,
    )
    expect((await fixture.engine.stats()).pools[0]!.backends[0]).toMatchObject({ failures: 0, inFlight: 0 })
  })

  it('through a stream where it does (RFC 8441), both ways and to both ends', async () => {
    let backend: ServerHttp2Stream | undefined
    let received = ''
    const seen: unknown[] = []
    const port = await fixture.http2Backend(
      () => undefined,
      (server) =>
        server.removeAllListeners('stream').on('stream', (stream, headers) => {
          seen.push(
            headers[':method'],
            headers[':protocol'],
            headers[':path'],
            headers['sec-websocket-version'],
            headers['sec-websocket-key'],
          )
          backend = stream
          stream.respond({ ':status': 200 })
          stream.write('first')
          stream.on('data', (chunk: Buffer) => (received += chunk.toString()))
        }),
      { settings: { enableConnectProtocol: true } },
    )
    await start(port)
    const connection = await fixture.connect()
    connection.write(`${HANDSHAKE}early`)
    await connection.until((text) => text.endsWith('first'))
    const accept = createHash('sha1')
      .update('dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
      .digest('base64')
    expect(connection.text).toMatch(/^HTTP\/1.1 101 /)
    expect(connection.text.toLowerCase()).toContain(`sec-websocket-accept: ${accept.toLowerCase()}`)
    expect(seen).toEqual(['CONNECT', 'websocket', '/chat', '13', undefined])
    await expect.poll(() => received).toBe('early')
    connection.socket.end('last')
    await expect.poll(() => received.endsWith('last') && backend!.readableEnded).toBe(true)
    backend!.end('still here')
    await connection.untilClosed()
    expect(connection.text.endsWith('still here')).toBe(true)
    await expect.poll(async () => (await fixture.engine.stats()).inFlight).toBe(0)
  })

  it('a refusal passes as an ordinary answer', async () => {
    const port = await fixture.http2Backend(
      () => undefined,
      (server) =>
        server.removeAllListeners('stream').on('stream', (stream) => {
          stream.respond({ ':status': 401 })
          stream.end('no')
        }),
      { settings: { enableConnectProtocol: true } },
    )
    await start(port)
    const connection = await fixture.connect()
    connection.write(HANDSHAKE)
    expect(await connection.until((text) => text.includes('no'))).toMatch(/^HTTP\/1.1 401/)
  })

  it('a backend that dies closes the visitor’s side', async () => {
    let backend: ServerHttp2Stream | undefined
    const port = await fixture.http2Backend(
      () => undefined,
      (server) =>
        server.removeAllListeners('stream').on('stream', (stream) => {
          backend = stream
          stream.on('error', () => undefined)
          stream.respond({ ':status': 200 })
        }),
      { settings: { enableConnectProtocol: true } },
    )
    await start(port)
    const connection = await fixture.connect()
    connection.write(HANDSHAKE)
    await connection.until((text) => text.includes('101'))
    backend!.session!.destroy()
    await connection.untilClosed()
    await expect.poll(async () => (await fixture.engine.stats()).pools[0]!.backends[0]!.inFlight).toBe(0)
  })
})
