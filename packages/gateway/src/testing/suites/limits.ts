import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually } from '../fixture.ts'
import { rawExchange, RawConnection, statuses } from '../raw-connection.ts'

export const limitsSuite: EngineSuitePart = (fixture) => {
  const start = async (options: object): Promise<{ requests: number; bytes: number }> => {
    const seen = { requests: 0, bytes: 0 }
    const port = await fixture().backend((req, res) => {
      seen.requests++
      req.on('data', (chunk: Buffer) => (seen.bytes += chunk.length))
      req.on('end', () => res.end('ok'))
    })
    await fixture().start(port, options)
    return seen
  }

  it('431 for too many bytes of headers', async () => {
    const seen = await start({ limits: { headerBytes: 4_096 } })
    const text = await rawExchange(
      fixture().port,
      `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(5_000)}\r\n\r\n`,
    )
    expect(statuses(text)).toEqual([431])
    expect(text).toContain('GATEWAY_HEADERS_TOO_LARGE')
    expect(seen.requests).toBe(0)
  })

  it('431 for too many headers, none is dropped in silence', async () => {
    const seen = await start({ limits: { headerCount: 20 } })
    const headers = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, '1']))
    expect((await fixture().ask('/', { headers: headers(15) })).status).toBe(200)
    expect((await fixture().ask('/', { headers: headers(40) })).status).toBe(431)
    expect(seen.requests).toBe(1)
  })

  it('413 for an announced body that is too large, before any of it is read', async () => {
    const seen = await start({ limits: { bodyBytes: 1_000 } })
    expect((await fixture().ask('/', { method: 'POST', body: 'x'.repeat(1_000) })).status).toBe(200)
    const connection = await fixture().connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n')
    await connection.until((text) => text.includes('GATEWAY_BODY_TOO_LARGE'))
    expect(statuses(connection.text)).toEqual([413])
    expect(seen.requests).toBe(1)
  })

  it('413 for Expect: 100-continue with a body that is too large, without a 100', async () => {
    await start({ limits: { bodyBytes: 1_000 } })
    const text = await rawExchange(
      fixture().port,
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n',
    )
    expect(statuses(text)).toEqual([413])
  })

  it('413 for a chunked body as soon as it is too large; the backend never sees it complete', async () => {
    let complete = false
    const port = await fixture().backend((req) => {
      req.resume()
      req.on('end', () => (complete = true))
    })
    await fixture().start(port, { limits: { bodyBytes: 1_000 } })
    const connection = await fixture().connect()
    connection.write(
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5dc\r\n${'x'.repeat(1_500)}\r\n`,
    )
    await connection.until((text) => text.includes('GATEWAY_BODY_TOO_LARGE'))
    expect(statuses(connection.text)).toEqual([413])
    await expect.poll(async () => (await fixture().engine.stats()).pools[0]!.backends[0]!.inFlight).toBe(0)
    expect(complete).toBe(false)
  })

  it('408 for headers that do not arrive (slowloris), while others are served', async () => {
    await start({ timeouts: { headersMs: 300 } })
    const slow = await Promise.all(Array.from({ length: 20 }, () => fixture().connect()))
    for (const connection of slow) connection.write('GET / HTTP/1.1\r\nHost: a\r\nX-')
    expect((await fixture().ask('/')).status).toBe(200)
    for (const connection of slow) expect(statuses(await connection.untilClosed())).toEqual([408])
  })

  it('a request that does not arrive completely is ended', async () => {
    await start({ timeouts: { headersMs: 300, requestMs: 400 } })
    const connection = await fixture().connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
    expect(statuses(await connection.untilClosed())).toEqual([408])
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(0)
  })

  it('a visitor who sends CONNECT and stays is closed', async () => {
    await start({})
    const connection = await fixture().connect()
    connection.write('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n')
    await connection.untilClosed()
    expect(statuses(connection.text)).toEqual([405])
    await expect.poll(async () => (await fixture().engine.stats()).connections).toBe(0)
  })

  it('an idle connection is closed', async () => {
    await start({ timeouts: { keepAliveMs: 200 } })
    const connection = await fixture().connect()
    connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await connection.until((text) => text.endsWith('ok'))
    await connection.untilClosed()
    expect(connection.closed).toBe('end')
  })

  it.each(['identity', 'gzip'])('a visitor who stops reading is cut off (%s)', async (encoding) => {
    const seen = { closed: false }
    const chunk = randomBytes(1_000_000).toString('base64')
    const port = await fixture().backend((_req, res) => {
      res.on('close', () => (seen.closed = true))
      res.writeHead(200, { 'content-type': 'text/plain' })
      const fill = (): void => {
        while (!seen.closed && res.write(chunk));
        if (!seen.closed) res.once('drain', fill)
      }
      fill()
    })
    await fixture().start(port, { timeouts: { idleMs: 300 } })
    const connection = await fixture().connect()
    connection.socket.pause()
    connection.write(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${encoding}\r\n\r\n`)
    await expect.poll(() => seen.closed, { timeout: 8_000 }).toBe(true)
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(0)
  })

  it('connections beyond the maximum are not accepted', async () => {
    await start({ limits: { connections: 3 } })
    const accepted = await Promise.all([fixture().connect(), fixture().connect(), fixture().connect()])
    await expect.poll(async () => (await fixture().engine.stats()).connections).toBe(3)
    // Refused so soon that it does not even look open, or closed without a word.
    const extra = await RawConnection.open(fixture().port).catch(() => undefined)
    extra?.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect((await extra?.untilClosed()) ?? '').toBe('')
    accepted[0]!.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await accepted[0]!.until((text) => text.endsWith('ok'))
  })

  it('a backend gets no more than its limit; the rest waits, and is refused when the queue is full', async () => {
    const held: (() => void)[] = []
    let most = 0
    const port = await fixture().backend((_req, res) => {
      held.push(() => res.end('ok'))
      most = Math.max(most, held.length)
    })
    await fixture().start(port, { limits: { backendConnections: 2, queue: 2 } })
    const first = [fixture().ask('/'), fixture().ask('/')]
    await eventually(() => held.length === 2, 'two are at the backend')
    const waiting = [fixture().ask('/'), fixture().ask('/')]
    await expect.poll(async () => (await fixture().engine.stats()).pools[0]!.queued).toBe(2)
    const refused = await fixture().ask('/')
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBe('5')
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'GATEWAY_OVERLOADED' })
    for (const finish of held.splice(0)) finish()
    await eventually(() => held.length === 2, 'the waiting ones are at the backend')
    for (const finish of held.splice(0)) finish()
    for (const answer of await Promise.all([...first, ...waiting])) expect(answer.status).toBe(200)
    expect(most).toBe(2)
  })

  it('those who leave make room in the queue', async () => {
    const port = await fixture().backend(() => undefined)
    await fixture().start(port, {
      limits: { backendConnections: 1, queue: 2 },
      timeouts: { queueMs: 30_000 },
    })
    const queued = async (): Promise<number> => (await fixture().engine.stats()).pools[0]!.queued
    const send = async (): Promise<RawConnection> => {
      const connection = await fixture().connect()
      connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      return connection
    }
    await send()
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(1)
    const leaving = [await send(), await send()]
    await expect.poll(queued).toBe(2)
    for (const connection of leaving) connection.reset()
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(1)
    const staying = await send()
    await expect.poll(queued).toBe(1)
    expect(staying.text).toBe('')
  })

  it('one connection gets no more than its share of requests in progress', async () => {
    let asked = 0
    const held: (() => void)[] = []
    const port = await fixture().backend((_req, res) => {
      asked++
      held.push(() => res.end('ok'))
    })
    await fixture().start(port, { limits: { pipelined: 3 } })
    const connection = await fixture().connect()
    connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100))
    await eventually(() => asked === 3, 'three are at the backend')
    for (const finish of held.splice(0)) finish()
    await connection.untilClosed()
    expect(statuses(connection.text)).toEqual([200, 200, 200, 503])
    expect(asked).toBe(3)
    // One after the other, or a few at a time, there is no limit.
    const patient = await fixture().connect()
    for (let i = 1; i <= 5; i++) {
      patient.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3))
      await eventually(() => held.length === 3, 'three more')
      for (const finish of held.splice(0)) finish()
      await patient.until((text) => statuses(text).length === i * 3)
    }
    expect(new Set(statuses(patient.text))).toEqual(new Set([200]))
  })

  it('who waits too long is refused', async () => {
    const port = await fixture().backend(() => undefined)
    await fixture().start(port, { limits: { backendConnections: 1 }, timeouts: { queueMs: 200 } })
    const first = fixture()
      .ask('/')
      .catch(() => undefined)
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(1)
    expect((await fixture().ask('/')).status).toBe(503)
    await fixture().engine.close({ deadlineMs: 0 })
    await first
  })
}
