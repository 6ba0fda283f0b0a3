import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { eventually } from '../../src/testing/fixture.ts'
import { handshake, startSecure } from '../../src/testing/tls-visitor.ts'
import {
  DATA,
  END_HEADERS,
  END_STREAM,
  field,
  frame,
  HEADERS,
  RST_STREAM,
  setting,
  word,
} from '../support/http2-frames.ts'

const SETTINGS = 4
const PING = 6
const WINDOW_UPDATE = 8
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(() => fixture.close())

const head = (method: string, path: string): Buffer =>
  Buffer.concat(
    [
      [':method', method],
      [':scheme', 'https'],
      [':path', path],
      [':authority', 'shop.example'],
    ].map(([name, value]) => field(name!, value!)),
  )

/** A connection of HTTP/2 on which a test writes frames by hand. */
async function connect(...frames: Buffer[]): Promise<TLSSocket> {
  const socket = await handshake(fixture, { ALPNProtocols: ['h2'] })
  socket.resume()
  socket.write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0), ...frames]))
  return socket
}

it.each([
  ['NO_ERROR', 0],
  ['CANCEL', 8],
])('an upload that a visitor resets in the middle never looks complete: %s', async (_name, code) => {
  let arrived = ''
  let ended = false
  let gone = false
  const port = await fixture.backend((req) => {
    req.on('data', (chunk: Buffer) => (arrived += chunk.toString()))
    req.on('end', () => (ended = true))
    req.on('error', () => undefined)
    req.on('close', () => (gone = true))
  })
  await startSecure(fixture, port)
  const socket = await connect(
    frame(HEADERS, END_HEADERS, 1, head('POST', '/')),
    frame(DATA, 0, 1, Buffer.from('part')),
  )
  await eventually(() => arrived === 'part', 'the part is there')
  socket.write(frame(RST_STREAM, 0, 1, word(code)))
  await eventually(() => gone, 'the request is over')
  expect(ended).toBe(false)
  expect((await fixture.engine.stats()).inFlight).toBe(0)
})

it.each([
  ['all of it is here', 200_000],
  ['the rest is with the backend', 5_000_000],
])('a window that stays closed is given up, whatever else the connection does: %s', async (_name, bytes) => {
  const port = await fixture.backend((_req, res) => res.end(Buffer.alloc(bytes)))
  await startSecure(fixture, port, { timeouts: { idleMs: 300 } })
  const socket = await connect(frame(HEADERS, END_HEADERS | END_STREAM, 1, head('GET', '/')))
  const beat = setInterval(() => socket.write(frame(PING, 0, 0, Buffer.alloc(8))), 50)
  let over = false
  const look = setInterval(() => {
    void fixture.engine.stats().then(({ requests, inFlight }) => (over = requests === 1 && inFlight === 0))
  }, 20)
  await eventually(() => over, 'the request was given up').finally(() => {
    clearInterval(beat)
    clearInterval(look)
  })
  expect(over).toBe(true)
})

it('a visitor who reads slowly gets all of a large body', async () => {
  const port = await fixture.backend((_req, res) => res.end(Buffer.alloc(1_000_000, 97)))
  await startSecure(fixture, port, { timeouts: { idleMs: 300 } })
  let bytes = 0
  const socket = await connect(frame(HEADERS, END_HEADERS | END_STREAM, 1, head('GET', '/')))
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
  const beat = setInterval(() => {
    socket.write(
      Buffer.concat([frame(WINDOW_UPDATE, 0, 0, word(65_536)), frame(WINDOW_UPDATE, 0, 1, word(65_536))]),
    )
  }, 100)
  await eventually(() => bytes >= 1_000_000, 'all of it', 10_000).finally(() => clearInterval(beat))
  expect((await fixture.engine.stats()).requests).toBe(1)
})

it.each([
  ['who reads all of it', true],
  ['who reads nothing more', false],
])('a connection that is over is closed, also with a visitor %s and does not close', async (_name, reads) => {
  const port = await fixture.backend((_req, res) => res.end(Buffer.alloc(20_000_000)))
  await startSecure(fixture, port, { timeouts: { idleMs: 300, keepAliveMs: 300 } })
  const socket = await handshake(fixture, { ALPNProtocols: ['h2'], allowHalfOpen: true } as ConnectionOptions)
  if (reads) socket.resume()
  const window = frame(SETTINGS, 0, 0, setting(4, 2 ** 31 - 1))
  const request = frame(HEADERS, END_HEADERS | END_STREAM, 1, head('GET', '/'))
  const room = frame(WINDOW_UPDATE, 0, 0, word(2 ** 31 - 65_536))
  socket.write(Buffer.concat([PREFACE, window, room, request]))
  let connections = 1
  const look = setInterval(() => {
    void fixture.engine.stats().then((stats) => (connections = stats.connections))
  }, 50)
  await eventually(() => connections === 0, 'it is closed', 8_000).finally(() => clearInterval(look))
  expect((await fixture.engine.stats()).requests).toBe(1)
})
