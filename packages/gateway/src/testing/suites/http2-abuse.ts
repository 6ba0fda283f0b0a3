import type { TLSSocket } from 'node:tls'
import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually, type Fixture } from '../fixture.ts'
import { handshake, Http2Visitor, startSecure } from '../tls-visitor.ts'

const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const PING = 6
const CONTINUATION = 9
const END_STREAM = 1
const END_HEADERS = 4

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
/** `:method GET`, `:scheme https` and `:path /` by their places in HPACK's table, `:authority shop.example` in full. */
const GET = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x41, 12]), Buffer.from('shop.example')])

function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A connection on which a test writes frames by hand. */
async function attack(fixture: Fixture): Promise<{ socket: TLSSocket; closed: () => boolean }> {
  const socket = await handshake(fixture, { ALPNProtocols: ['h2'] })
  let closed = false
  socket.on('close', () => (closed = true))
  socket.on('end', () => (closed = true))
  socket.resume()
  socket.write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0)]))
  return { socket, closed: () => closed }
}

/** Writes again and again until the connection is closed. */
async function flood(
  { socket, closed }: { socket: TLSSocket; closed: () => boolean },
  next: (round: number) => Buffer,
): Promise<void> {
  let round = 0
  await eventually(
    () => {
      if (!closed() && socket.writableLength < 1_000_000) socket.write(next(round++))
      return closed()
    },
    'the connection is closed',
    10_000,
  )
}

/** What HTTP/2 lets a visitor ask for at no cost of his own; each ends his connection and nobody else's. */
export const http2AbuseSuite: EngineSuitePart = (fixture) => {
  const start = async (options: Parameters<typeof startSecure>[2] = {}): Promise<boolean> => {
    const port = await fixture().backend((_req, res) => setTimeout(() => res.end('ok'), 10))
    return (await startSecure(fixture(), port, options)) !== undefined
  }
  /** What a visitor on another connection is answered. */
  const others = async (): Promise<string> =>
    (await (await Http2Visitor.open(fixture())).ask({ ':path': '/' })).text

  it('requests that are cancelled at once (CVE-2023-44487)', async () => {
    if (!(await start({ limits: { streamResets: 64 } }))) return
    const connection = await attack(fixture())
    let id = 1
    await flood(connection, () => {
      const frames: Buffer[] = []
      for (let i = 0; i < 50; i++, id += 2) {
        frames.push(
          frame(HEADERS, END_STREAM | END_HEADERS, id, GET),
          frame(RST_STREAM, 0, id, Buffer.from([0, 0, 0, 8])),
        )
      }
      return Buffer.concat(frames)
    })
    expect(await others()).toBe('ok')
  })

  it('a head without end (CONTINUATION)', async () => {
    if (!(await start())) return
    const connection = await attack(fixture())
    connection.socket.write(frame(HEADERS, END_STREAM, 1, GET))
    const field = Buffer.concat([
      Buffer.from([0, 1]),
      Buffer.from('x'),
      Buffer.from([100]),
      Buffer.alloc(100, 97),
    ])
    await flood(connection, () => frame(CONTINUATION, 0, 1, Buffer.concat(Array(50).fill(field) as Buffer[])))
    expect(await others()).toBe('ok')
  })

  it('heads that are too large or have too many fields', async () => {
    if (!(await start({ limits: { headerBytes: 4_096, headerCount: 20 } }))) return
    const visitor = await Http2Visitor.open(fixture())
    expect((await visitor.ask({ ':path': '/' })).text).toBe('ok')
    const large = await visitor.ask({ ':path': '/', 'x-large': 'a'.repeat(8_000) })
    expect(large.status === 431 || large.code !== 0).toBe(true)
    const fields = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, '1']))
    const second = await Http2Visitor.open(fixture())
    expect((await second.ask({ ':path': '/', ...fields(25) })).status).toBe(431)
    const many = await second.ask({ ':path': '/', ...fields(200) })
    expect(many.status === 431 || many.code !== 0).toBe(true)
    expect(await others()).toBe('ok')
  })

  it.each([
    ['PING', () => frame(PING, 0, 0, Buffer.alloc(8))],
    ['SETTINGS', () => frame(SETTINGS, 0, 0)],
  ])('%s without end', async (_name, one) => {
    if (!(await start({ timeouts: { headersMs: 1_000 } }))) return
    await flood(await attack(fixture()), () => Buffer.concat(Array.from({ length: 200 }, one)))
    expect(await others()).toBe('ok')
  })

  it('more requests at once than are allowed', async () => {
    if (!(await start({ limits: { streams: 10 } }))) return
    const { socket, closed } = await attack(fixture())
    const frames: Buffer[] = []
    for (let id = 1; id < 1_000; id += 2) frames.push(frame(HEADERS, END_STREAM | END_HEADERS, id, GET))
    socket.write(Buffer.concat(frames))
    let peak = 0
    const look = setInterval(() => {
      void fixture()
        .engine.stats()
        .then(
          ({ inFlight }) => (peak = Math.max(peak, inFlight)),
          // The last may be asked of an engine that is being closed.
          () => undefined,
        )
    }, 5)
    expect(await others()).toBe('ok')
    await eventually(() => closed() || peak > 0, 'some were answered or the connection is closed')
    clearInterval(look)
    expect(peak).toBeLessThanOrEqual(11)
  })

  it('a window that stays closed', async () => {
    const port = await fixture().backend((_req, res) => res.end(Buffer.alloc(200_000)))
    if ((await startSecure(fixture(), port, { timeouts: { idleMs: 300 } })) === undefined) return
    const connection = await attack(fixture())
    connection.socket.write(frame(HEADERS, END_STREAM | END_HEADERS, 1, GET))
    let requests = 0
    let inFlight = 1
    const look = setInterval(() => {
      void fixture()
        .engine.stats()
        .then(
          (stats) => ({ requests, inFlight } = stats),
          () => undefined,
        )
    }, 20)
    await eventually(() => requests === 1 && inFlight === 0, 'the request was given up').finally(() =>
      clearInterval(look),
    )
    expect((await fixture().engine.stats()).inFlight).toBe(0)
  })

  it('a connection that only pings, or begins a head and does not end it', async () => {
    if (!(await start({ timeouts: { keepAliveMs: 300, headersMs: 1_000 } }))) return
    const [pinging, slow] = [await attack(fixture()), await attack(fixture())]
    slow.socket.write(frame(HEADERS, END_STREAM, 1, GET))
    const beat = setInterval(() => {
      if (!pinging.closed()) pinging.socket.write(frame(PING, 0, 0, Buffer.alloc(8)))
    }, 50)
    await eventually(() => pinging.closed() && slow.closed(), 'both are closed').finally(() =>
      clearInterval(beat),
    )
    expect((await fixture().engine.stats()).requests).toBe(0)
  })
}
