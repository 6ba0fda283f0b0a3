import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import { statuses } from '../raw-connection.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'

export const misbehavingBackendsSuite: EngineSuitePart = (fixture) => {
  it('a backend that dies in the middle of a body of known length ends the connection, not the response', async () => {
    const port = await fixture().rawBackend((socket) =>
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this', () => socket.destroy())
      }),
    )
    await fixture().start(port)
    await expect(fixture().ask('/')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('a backend that dies in the middle of a chunked body never leaves a complete response', async () => {
    const port = await fixture().rawBackend((socket) =>
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', () =>
          socket.destroy(),
        )
      }),
    )
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write(GET)
    await connection.untilClosed()
    expect(connection.text).toContain('hello')
    expect(connection.text).not.toContain('0\r\n\r\n')
  })

  it('a compressed response that breaks off is cut as well', async () => {
    const port = await fixture().rawBackend((socket) =>
      socket.on('data', () => {
        const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n'
        socket.write(head + 'x'.repeat(50_000), () => socket.destroy())
      }),
    )
    await fixture().start(port)
    await expect(fixture().ask('/', { headers: { 'accept-encoding': 'gzip' } })).rejects.toMatchObject({
      code: 'ECONNRESET',
    })
  })

  it('502 when the backend closes without an answer, or answers something that is not HTTP', async () => {
    const silent = await fixture().rawBackend((socket) => socket.on('data', () => socket.destroy()))
    const control = await fixture().rawBackend((socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nX-Bad: a\x01b\r\nContent-Length: 0\r\n\r\n')),
    )
    const wrong = await fixture().rawBackend((socket) => socket.on('data', () => socket.end('SSH-2.0-x\r\n')))
    await fixture().start({
      routes: [
        { prefix: '/silent', pool: 'silent' },
        { prefix: '/wrong', pool: 'wrong' },
        { prefix: '/control', pool: 'control' },
      ],
      pools: [
        { name: 'silent', backends: [{ id: 's', host: '127.0.0.1', port: silent }] },
        { name: 'wrong', backends: [{ id: 'w', host: '127.0.0.1', port: wrong }] },
        { name: 'control', backends: [{ id: 'c', host: '127.0.0.1', port: control }] },
      ],
    })
    for (const path of ['/silent', '/wrong', '/control']) {
      const answer = await fixture().ask(path, { method: 'POST', body: 'x' })
      expect(answer.status).toBe(502)
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'GATEWAY_BAD_GATEWAY' })
    }
  })

  const endless = (socket: Socket, text: string): void => {
    const fill = (): void => {
      while (!socket.destroyed && socket.write(text.repeat(20)));
      if (!socket.destroyed) socket.once('drain', fill)
    }
    fill()
  }
  const wrong: Record<string, (socket: Socket) => void> = {
    'interim responses without end': (socket) =>
      endless(socket, 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n'),
    'a 101 that nobody asked for': (socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nfoo'),
    'another transfer coding': (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'),
    'two Content-Lengths': (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!'),
    'a header of a megabyte': (socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(1_000_000)}\r\nContent-Length: 0\r\n\r\n`),
    'headers without end': (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      endless(socket, 'X-A: b\r\n')
    },
    'a status below 100': (socket) => socket.end('HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n'),
    'a bare carriage return in a header': (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n'),
    'bytes that mean nothing': (socket) => socket.write(Buffer.alloc(1_000, 0xff)),
  }
  it.each(Object.entries(wrong))('502 for %s', async (_title, answer) => {
    const port = await fixture().rawBackend((socket) => socket.once('data', () => answer(socket)))
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write(POST)
    await connection.untilClosed()
    const received = statuses(connection.text)
    expect(received.at(-1)).toBe(502)
    expect(received.filter((status) => status >= 200)).toEqual([502])
    expect(received.length).toBeLessThan(40)
    const { inFlight, pools } = await fixture().engine.stats()
    expect([inFlight, pools[0]!.backends[0]!.inFlight]).toEqual([0, 0])
  })

  it.each(['HEAD', 'GET'])('what follows an answer to %s answers nobody else', async (method) => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'
    const port = await fixture().rawBackend((socket) =>
      socket.on('data', (chunk: Buffer) =>
        socket.write(
          chunk.includes('/next') ? `${head}ok` : `${head}hiHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad`,
        ),
      ),
    )
    await fixture().start(port)
    for (let i = 0; i < 5; i++) {
      expect((await fixture().ask('/', { method })).status).toBe(200)
      expect((await fixture().ask('/next')).text).toBe('ok')
    }
  })
}
