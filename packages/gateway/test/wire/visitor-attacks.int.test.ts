import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EngineOptions } from '../../src/config.ts'
import { createGateway } from '../../src/index.ts'
import { eventually, Fixture, statuses } from '../../src/testing/index.ts'

let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture((options) =>
    createGateway({ ...options, http1: 'strict', compression: { enabled: false } }),
  )
})
afterEach(() => fixture.close())

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

it('a pipelined request that fails does not cut the answer before it', async () => {
  let finish = (): void => undefined
  let failed = false
  const port = await fixture.backend((req, res) => {
    if (req.url === '/other') return res.end()
    res.writeHead(200, { 'content-length': 8 })
    res.write('half')
    if (req.url === '/first') finish = () => res.end('done')
    else setImmediate(() => res.destroy())
    return res.on('close', () => (failed ||= req.url === '/second'))
  })
  await fixture.start(port)
  const connection = await fixture.connect()
  connection.write(get('/first') + get('/second'))
  await connection.until((text) => text.includes('half'))
  await eventually(() => failed, 'the second has failed')
  expect((await fixture.ask('/other')).status).toBe(200)
  finish()
  await connection.untilClosed()
  expect(connection.text).toContain('halfdone')
  expect(statuses(connection.text)[0]).toBe(200)
})

const LARGE = Buffer.alloc(30_000_000, 'x')

it.each([
  ['an answer that is complete', 1],
  ['answers that wait behind it', 2],
  ['several that wait', 5],
])('a visitor who does not read %s is cut off', async (_title, requests) => {
  const timeouts: EngineOptions['timeouts'] = { idleMs: 300 }
  const port = await fixture.backend((req, res) => {
    // The first is read; what follows fits into no buffer.
    res.end(requests === 1 || req.url !== '/0' ? LARGE : 'small')
  })
  await fixture.start(port, { timeouts })
  const connection = await fixture.connect()
  connection.socket.pause()
  for (let i = 0; i < requests; i++) connection.write(get(`/${i}`))
  await expect.poll(async () => (await fixture.engine.stats()).inFlight).toBeGreaterThan(0)
  await expect.poll(async () => (await fixture.engine.stats()).inFlight, { timeout: 5_000 }).toBe(0)
  await expect.poll(async () => (await fixture.engine.stats()).connections, { timeout: 5_000 }).toBe(0)
})

it('a visitor who does not read an answer of the gateway’s memory is cut off', async () => {
  const port = await fixture.backend((_req, res) => res.end(Buffer.alloc(60_000)))
  await fixture.start(port, { timeouts: { idleMs: 300, headersMs: 400 } })
  const connection = await fixture.connect()
  connection.socket.pause()
  // Until the kernel takes no more of them.
  const more = setInterval(() => connection.write(get('/')), 1)
  try {
    await expect
      .poll(() => connection.closed !== undefined || connection.socket.destroyed, { timeout: 9_000 })
      .toBe(true)
  } finally {
    clearInterval(more)
  }
}, 15_000)

it('a limit that is shorter than the look at the clock is not over before its time', async () => {
  const port = await fixture.backend((req, res) => {
    req.resume()
    req.on('end', () => res.end('ok'))
  })
  await fixture.start(port, { timeouts: { headersMs: 60_000, requestMs: 600 } })
  const connection = await fixture.connect()
  for (let i = 1; i <= 20; i++) {
    connection.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe`)
    await new Promise((resolve) => setTimeout(resolve, 97))
    connection.write('llo')
    await connection.until((text) => statuses(text).length >= i)
  }
  expect(statuses(connection.text)).toEqual(Array.from({ length: 20 }, () => 200))
}, 15_000)

it('a part of an answer that ends with the connection is not taken for the whole', async () => {
  const port = await fixture.backend((_req, res) => {
    res.write('half')
    setTimeout(() => res.destroy(), 20)
  })
  await fixture.start(port)
  const connection = await fixture.connect()
  connection.write('GET / HTTP/1.0\r\nHost: a\r\n\r\n')
  await connection.untilClosed()
  expect([connection.text.endsWith('half'), connection.closed]).toEqual([true, 'error'])
})
