import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway, type GatewayOptions } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { http2Pool } from '../../src/testing/suites/http2-backends.ts'
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  frame,
  GOAWAY,
  HEADERS,
  PING,
  RST_STREAM,
  setting,
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
  fixture.start(http2Pool(ports), { ...options })
const ok = (stream: number): Buffer => frame(HEADERS, END_STREAM | END_HEADERS, stream, STATUS_200)

describe('connections', () => {
  it('requests share one, until the backend takes no more of them at once', async () => {
    const sessions = new Map<ServerHttp2Session, { now: number; most: number }>()
    const held: Http2ServerResponse[] = []
    const port = await fixture.http2Backend(
      (req, res) => {
        const seen = sessions.get(req.stream.session as ServerHttp2Session)!
        seen.most = Math.max(seen.most, ++seen.now)
        req.stream.on('close', () => seen.now--)
        held.push(res)
      },
      (server) => server.on('session', (session) => sessions.set(session, { now: 0, most: 0 })),
      { settings: { maxConcurrentStreams: 4 } },
    )
    await start(port)
    const first = Promise.all(Array.from({ length: 4 }, () => fixture.ask('/')))
    await expect.poll(() => held.length).toBe(4)
    expect(sessions.size).toBe(1)
    const second = Promise.all(Array.from({ length: 6 }, () => fixture.ask('/')))
    await expect.poll(() => held.length).toBe(10)
    expect(sessions.size).toBe(3)
    for (const res of held.splice(0)) res.end('ok')
    expect([...(await first), ...(await second)].every(({ text }) => text === 'ok')).toBe(true)
    expect([...sessions.values()].every(({ most }) => most <= 4)).toBe(true)
  })

  it('no more than the backend may have, and who waits for one gets it', async () => {
    const sessions = new Set<ServerHttp2Session>()
    const held: Http2ServerResponse[] = []
    const port = await fixture.http2Backend(
      (_req, res) => void held.push(res),
      (server) => server.on('session', (session) => sessions.add(session)),
      { settings: { maxConcurrentStreams: 1 } },
    )
    await start(port, { limits: { backendConnections: 3 }, timeouts: { queueMs: 5_000 } })
    const asked = Promise.all(Array.from({ length: 6 }, () => fixture.ask('/')))
    await expect.poll(() => held.length).toBe(3)
    expect(sessions.size).toBe(3)
    let answered = 0
    while (answered < 6) {
      await expect.poll(() => held.length).toBeGreaterThan(0)
      held.shift()!.end('ok')
      answered++
    }
    expect((await asked).every(({ text }) => text === 'ok')).toBe(true)
    expect(sessions.size).toBe(3)
  })

  it('one that nobody uses is closed', async () => {
    const sessions = new Set<ServerHttp2Session>()
    let goaways = 0
    const port = await fixture.http2Backend(
      (_req, res) => res.end('ok'),
      (server) =>
        server.on('session', (session) => {
          sessions.add(session)
          session.on('goaway', () => goaways++)
          session.on('close', () => sessions.delete(session))
        }),
    )
    await start(port, { timeouts: { backendKeepAliveMs: 100 } })
    await fixture.ask('/')
    expect(sessions.size).toBe(1)
    await expect.poll(() => sessions.size, { timeout: 5_000 }).toBe(0)
    expect(goaways).toBeGreaterThan(0)
    expect((await fixture.ask('/')).text).toBe('ok')
  })

  it('504 when it cannot be made in time, and the next backend is asked before that', async () => {
    const silent = await fixture.rawBackend(() => undefined)
    const port = await fixture.http2Backend((_req, res) => res.end('ok'))
    await start([silent], { timeouts: { connectMs: 100 } })
    expect((await fixture.ask('/', { method: 'POST', body: 'x' })).status).toBe(504)
    await fixture.engine.update(http2Pool([silent, port]))
    for (let i = 0; i < 3; i++)
      expect((await fixture.ask('/', { method: 'POST', body: 'x' })).text).toBe('ok')
  })

  it('a dead peer is noticed by its silence', async () => {
    let pings = 0
    let socket: Socket | undefined
    const port = await fixture.rawBackend((one) => {
      socket = one
      speakFrames(one, ({ type, flags, payload }, send) => {
        if (type !== PING || flags === ACK) return
        // The first is answered, which is not an answer to the request.
        if (pings++ === 0) send(frame(PING, ACK, 0, payload))
      })
    })
    await start(port, { timeouts: { backendPingMs: 100, connectMs: 300, queueMs: 100 } })
    const waiting = fixture.ask('/', { method: 'POST', body: 'x', timeoutMs: 9_000 })
    await expect.poll(() => pings, { timeout: 5_000 }).toBe(1)
    expect(socket!.destroyed).toBe(false)
    socket!.destroy()
    expect((await waiting).status).toBe(502)
    const mute = await fixture.rawBackend((one) => speakFrames(one, () => undefined))
    await fixture.engine.update(http2Pool(mute))
    expect((await fixture.ask('/', { method: 'POST', body: 'x', timeoutMs: 9_000 })).status).toBe(502)
  })

  it('another protocol of the pool is another connection; requests in flight finish on the one they have', async () => {
    const versions: string[] = []
    let finish: (() => void) | undefined
    const http2 = await fixture.http2Backend((req, res) => {
      versions.push(req.httpVersion)
      if (req.url === '/slow') finish = () => res.end('late')
      else res.end('ok')
    })
    await start(http2)
    const slow = fixture.ask('/slow')
    await expect.poll(() => finish).toBeDefined()
    const { routes, pools } = http2Pool(http2)
    await fixture.engine.update({ routes, pools: [{ ...pools[0]!, protocol: 'http1' }] })
    expect((await fixture.ask('/')).status).toBe(502)
    await fixture.engine.update({ routes, pools })
    expect((await fixture.ask('/')).text).toBe('ok')
    finish!()
    expect((await slow).text).toBe('late')
  })
})

describe('requests that a backend did not look at', () => {
  it.each([
    ['REFUSED_STREAM', (stream: number) => [frame(RST_STREAM, 0, stream, word(7))]],
    ['GOAWAY', () => [frame(GOAWAY, 0, 0, Buffer.concat([word(0), word(0)]))]],
    ['GOAWAY with an error', () => [frame(GOAWAY, 0, 0, Buffer.concat([word(0), word(11)]))]],
  ] as const)('are sent again after %s, whatever their method, with their bodies', async (_title, refuse) => {
    let refused = 0
    const bodies: string[] = []
    const port = await fixture.rawBackend((socket) => {
      let body = ''
      speakFrames(socket, ({ type, flags, stream, payload }, send) => {
        if (type === 0) body += payload.toString()
        if ((type !== 0 && type !== HEADERS) || (flags & END_STREAM) === 0) return
        if (refused++ === 0) {
          send(...refuse(stream))
        } else {
          bodies.push(body)
          send(ok(stream))
        }
        body = ''
      })
    })
    await start(port)
    expect((await fixture.ask('/', { method: 'POST', body: 'all of it' })).status).toBe(200)
    expect(bodies).toEqual(['all of it'])
    const [backend] = (await fixture.engine.stats()).pools[0]!.backends
    expect(backend).toMatchObject({ failures: 0, ejected: false })
  })

  it('go to another backend when this one goes on refusing, also with a body', async () => {
    let refused = 0
    const refusing = await fixture.rawBackend((socket) =>
      speakFrames(socket, ({ type, stream }, send) => {
        if (type !== HEADERS) return
        refused++
        send(frame(RST_STREAM, 0, stream, word(7)))
      }),
    )
    let body = ''
    const taking = await fixture.http2Backend((req, res) => {
      req.on('data', (chunk: Buffer) => (body += chunk.toString()))
      req.on('end', () => res.end('ok'))
    })
    await start([refusing, taking])
    for (let i = 0; i < 2; i++) {
      body = ''
      expect((await fixture.ask('/', { method: 'POST', body: 'all of it' })).text).toBe('ok')
      expect(body).toBe('all of it')
    }
    expect(refused).toBe(3)
  })

  it('502 for one that may have been looked at, unless its method is idempotent', async () => {
    let asked = 0
    const port = await fixture.rawBackend((socket) =>
      speakFrames(socket, ({ type, stream }, send) => {
        if (type === HEADERS)
          send(...(asked++ === 0 ? [frame(RST_STREAM, 0, stream, word(2))] : [ok(stream)]))
      }),
    )
    await start(port)
    expect((await fixture.ask('/', { method: 'POST' })).status).toBe(502)
    expect(asked).toBe(1)
    asked = 0
    expect((await fixture.ask('/', { method: 'GET' })).status).toBe(200)
    expect(asked).toBe(2)
  })

  it('streams before the one that a GOAWAY names are finished', async () => {
    let send: ((...frames: Buffer[]) => void) | undefined
    let connections = 0
    const port = await fixture.rawBackend((socket) => {
      const first = connections++ === 0
      speakFrames(
        socket,
        ({ type, stream }, reply) => {
          if (type !== HEADERS) return
          if (first) send = reply
          else reply(ok(stream))
        },
        setting(3, 100),
      )
    })
    await start(port)
    const early = fixture.ask('/early', { method: 'POST' })
    await expect.poll(() => send).toBeDefined()
    send!(frame(GOAWAY, 0, 0, Buffer.concat([word(1), word(0)])))
    expect((await fixture.ask('/next', { method: 'POST' })).status).toBe(200)
    expect(connections).toBe(2)
    send!(ok(1))
    expect((await early).status).toBe(200)
  })
})
