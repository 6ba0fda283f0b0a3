import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import type { Server } from 'node:http'
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

  it('a PUT whose backend dies when it has the body goes to another, body and all', async () => {
    const bodies: string[] = []
    const backend = (): Promise<number> =>
      fixture().backend((req, res) => {
        const chunks: Buffer[] = []
        req.on('data', (chunk: Buffer) => chunks.push(chunk))
        req.on('end', () => {
          bodies.push(Buffer.concat(chunks).toString())
          if (bodies.length === 1) req.socket.destroy()
          else res.end('stored')
        })
      })
    await fixture().start([await backend(), await backend()])
    const body = 'a body '.repeat(1_000)
    expect(await fixture().ask('/', { method: 'PUT', body })).toMatchObject({ status: 200, text: 'stored' })
    expect(bodies).toEqual([body, body])
  })

  it('a PUT too large to be kept is not sent twice', async () => {
    let seen = 0
    const port = await fixture().rawBackend((socket) => {
      let bytes = 0
      socket.on('data', (chunk) => {
        bytes += chunk.length
        if (bytes < 1_000_000) return
        seen++
        socket.destroy()
      })
    })
    await fixture().start(port)
    const answer = await fixture().ask('/', { method: 'PUT', body: Buffer.alloc(1_000_000, 'x') })
    expect(answer.status).toBe(502)
    expect(seen).toBe(1)
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
