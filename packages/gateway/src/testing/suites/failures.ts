import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { eventually } from '../fixture.ts'
import { load } from '../load.ts'
import { rawExchange, statuses } from '../raw-connection.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'

export const failuresSuite: EngineSuitePart = (fixture) => {
  it('a visitor who leaves cancels the request at the backend', async () => {
    let closed = false
    let asked = false
    const port = await fixture().backend((_req, res) => {
      asked = true
      res.on('close', () => (closed = true))
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write(GET)
    await eventually(() => asked, 'the backend was asked')
    connection.reset()
    await eventually(() => closed, 'the backend was told')
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(0)
  })

  it('a visitor who leaves in the middle of the response cancels it too', async () => {
    let closed = false
    const port = await fixture().backend((_req, res) => {
      res.write('first')
      res.on('close', () => (closed = true))
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write(GET)
    await connection.until((text) => text.includes('first'))
    connection.destroy()
    await expect.poll(() => closed).toBe(true)
  })

  it('a visitor who leaves while answers pile up behind a silent one is noticed', async () => {
    let asked = 0
    let closed = false
    const port = await fixture().backend((req, res) => {
      asked++
      if (req.url === '/events') {
        res.write('data: 1\n\n')
        res.on('close', () => (closed = true))
      } else {
        res.end(Buffer.alloc(6_000))
      }
    })
    await fixture().start(port, { timeouts: { idleMs: 500 } })
    const connection = await fixture().connect()
    connection.write(
      `GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n${GET.replace('/', '/large')}`,
    )
    await connection.until((text) => text.includes('data: 1'))
    await eventually(() => asked === 2, 'the second is answered')
    // Until Node finds that enough is waiting, and reads no more.
    for (let reading = true; reading;) {
      const before = asked
      connection.write(GET)
      reading = await eventually(() => asked > before, 'it reads', 300).then(
        () => true,
        () => false,
      )
    }
    connection.destroy()
    await eventually(() => closed, 'the backend was told')
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(0)
  })

  it('a visitor who leaves in the middle of an upload never makes it look complete', async () => {
    let complete: boolean | undefined
    const port = await fixture().backend((req) => {
      req.resume()
      req.on('close', () => (complete = req.complete))
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(1)
    connection.reset()
    await eventually(() => complete !== undefined, 'the upload ended at the backend')
    expect(complete).toBe(false)
  })

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

  it('another backend answers when a connection is refused', async () => {
    const port = await fixture().backend((_req, res) => res.end('alive'))
    await fixture().start([await fixture().closedPort(), port])
    for (let i = 0; i < 20; i++) {
      expect((await fixture().ask('/', { method: 'POST', body: 'x' })).text).toBe('alive')
    }
  })

  it('no GET fails when a backend is killed under load', async () => {
    const servers: Server[] = []
    const answering = (): Promise<number> =>
      fixture().backend(
        (_req, res) => void setTimeout(() => res.end('ok'), 5),
        (server) => servers.push(server),
      )
    await fixture().start([await answering(), await answering(), await answering()])
    const running = load(fixture(), ['GET'])
    await eventually(() => running.answered() > 50, 'the load runs')
    for (const server of servers.slice(0, 2)) {
      server.close()
      server.closeAllConnections()
      const before = running.answered()
      await eventually(() => running.answered() > before + 100, 'the load goes on')
    }
    expect((await running.stop()).failed).toEqual([])
    expect((await fixture().engine.stats()).pools[0]!.retries).toBeGreaterThan(0)
  })

  it('503 with Retry-After when no backend comes back in time, as HTML for browsers', async () => {
    await fixture().start(await fixture().closedPort(), { timeouts: { queueMs: 300 } })
    const answers = await Promise.all([
      fixture().ask('/'),
      fixture().ask('/', { headers: { accept: 'text/html' } }),
    ])
    for (const answer of answers) {
      expect(answer.status).toBe(503)
      expect(answer.headers['retry-after']).toBe('1')
      expect(answer.headers['cache-control']).toBe('no-store')
    }
    expect(answers[1]!.text).toContain('<!doctype html>')
  })

  it('requests wait for a backend that comes back', async () => {
    const table = (port: number) => ({
      routes: [{ prefix: '/', pool: 'app' }],
      pools: [{ name: 'app', backends: [{ id: `app/${port}`, host: '127.0.0.1', port }] }],
    })
    await fixture().start(table(await fixture().closedPort()))
    const waiting = fixture().ask('/')
    await expect.poll(async () => (await fixture().engine.stats()).pools[0]!.queued).toBe(1)
    await fixture().engine.update(table(await fixture().backend((_req, res) => res.end('back'))))
    expect((await waiting).text).toBe('back')
  })

  it('504 when the backend does not answer in time', async () => {
    const port = await fixture().backend(() => undefined)
    await fixture().start(port, { timeouts: { responseMs: 200 } })
    expect((await fixture().ask('/')).status).toBe(504)
  })

  it('a request that may have been seen is sent again only if it is idempotent', async () => {
    let seen = 0
    // Every other connection dies after the request, as a keep-alive connection that was just being closed does.
    const port = await fixture().rawBackend((socket) =>
      socket.on('data', () => {
        if (seen++ % 2 === 0) socket.destroy()
        else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')
      }),
    )
    await fixture().start(port)
    expect(await fixture().ask('/')).toMatchObject({ status: 200, text: 'ok' })
    expect(seen).toBe(2)
    expect(statuses(await rawExchange(fixture().port, POST))).toEqual([502])
    expect(seen).toBe(3)
  })

  it('requests around the backend’s keep-alive timeout do not fail', async () => {
    const port = await fixture().backend(
      (req, res) => {
        req.resume()
        res.end('ok')
      },
      (server) => {
        server.keepAliveTimeout = 20
        // Otherwise Node adds a second of grace.
        Object.assign(server, { keepAliveTimeoutBuffer: 0 })
      },
    )
    await fixture().start(port)
    const agent = fixture().agent()
    for (let i = 0; i < 40; i++) {
      expect((await fixture().ask('/', { agent })).status).toBe(200)
      const pauseUntil = performance.now() + 10 + i / 2
      await eventually(() => performance.now() >= pauseUntil, 'the pause')
    }
  })

  it('retries stay within their budget when everything fails', async () => {
    let attempts = 0
    const dead = await fixture().rawBackend((socket) =>
      socket.on('data', () => {
        attempts++
        socket.destroy()
      }),
    )
    await fixture().start(dead)
    const answers = await Promise.all(Array.from({ length: 200 }, () => fixture().ask('/')))
    expect(answers.every(({ status }) => status === 502)).toBe(true)
    // 20 % of 200, and 10 a second.
    expect(attempts).toBeGreaterThan(200)
    expect(attempts).toBeLessThan(300)
  })

  it('a backend that answers before it has read the upload is heard', async () => {
    const port = await fixture().rawBackend((socket) => {
      socket.once('data', () => {
        socket.pause()
        socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
      })
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nstart')
    await connection.until((text) => text.endsWith('no'))
    expect(statuses(connection.text)).toEqual([401])
  })
}
