import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import { rawExchange, statuses } from '../raw-connection.ts'

const HOST = 'Host: a\r\nConnection: close\r\n'
const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n'

/** Messages that two parsers have been seen to read differently; each must be refused before a backend sees it. */
export const AMBIGUOUS: Record<string, string> = {
  'Content-Length and Transfer-Encoding': `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'Transfer-Encoding and Content-Length': `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'two Content-Lengths that differ': `POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello`,
  'two Content-Lengths that agree': `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
  'a list of Content-Lengths': `POST / HTTP/1.1\r\n${HOST}Content-Length: 5, 5\r\n\r\nhello`,
  'a signed Content-Length': `POST / HTTP/1.1\r\n${HOST}Content-Length: +5\r\n\r\nhello`,
  'an unknown transfer coding': `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'chunked that is not last': `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'a transfer coding in HTTP/1.0': `POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'a vertical tab before chunked': `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n`,
  'chunked with a parameter': `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n`,
  'an empty Transfer-Encoding': `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello`,
  'chunked twice': `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'another coding before chunked': `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'a folded header': `GET / HTTP/1.1\r\n${HOST}X-Folded: a\r\n b\r\n\r\n`,
  'a space before the colon': `POST / HTTP/1.1\r\n${HOST}Content-Length : 5\r\n\r\nhello`,
  'a bare line feed after a header': `GET / HTTP/1.1\r\n${HOST}X-One: 1\nX-Two: 2\r\n\r\n`,
  'bare line feeds throughout': 'GET / HTTP/1.1\nHost: a\n\n',
  'a bare carriage return in a value': `GET / HTTP/1.1\r\n${HOST}X-One: 1\rX-Two: 2\r\n\r\n`,
  'a null byte in a value': `GET / HTTP/1.1\r\n${HOST}X-One: 1\x002\r\n\r\n`,
  'two Hosts': `GET / HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`,
  'a list of Hosts': `GET / HTTP/1.1\r\nHost: a,b\r\nConnection: close\r\n\r\n`,
  'a Host with a path': `GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n`,
  'a Host with credentials': `GET / HTTP/1.1\r\nHost: a@b\r\nConnection: close\r\n\r\n`,
  'a Host with a space': `GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n`,
  'a Host with mark-up': `GET / HTTP/1.1\r\nHost: a"><script>\r\nConnection: close\r\n\r\n`,
  'a port that is not a number': `GET / HTTP/1.1\r\nHost: a:8o\r\nConnection: close\r\n\r\n`,
  'credentials in an absolute target': `GET http://a@b/ HTTP/1.1\r\n${HOST}\r\n`,
  'a fragment in the target': `GET /a#/../b HTTP/1.1\r\n${HOST}\r\n`,
  'an obs-fold before the first header': `GET / HTTP/1.1\r\n X: 1\r\n${HOST}\r\n`,
  'no Host': 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
  'a space in the target': `GET /a b HTTP/1.1\r\n${HOST}\r\n`,
  'an upgrade with a body': `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello`,
  'a name with a forbidden character': `GET / HTTP/1.1\r\n${HOST}X(One: 1\r\n\r\n`,
}

/** Chunk framing that is wrong: the backend may see a beginning, but never a complete request. */
export const BAD_CHUNKS: Record<string, string> = {
  'a size that is not a number': 'zz\r\nhello\r\n0\r\n\r\n',
  'a size that is too small': '3\r\nhello\r\n0\r\n\r\n',
  'a size that overflows': 'fffffffffffffffffffff\r\nhello\r\n0\r\n\r\n',
  'a bare line feed after the size': '5\nhello\r\n0\r\n\r\n',
  'a bare line feed after the data': '5\r\nhello\n0\r\n\r\n',
  'a bare line feed after an extension': '5;a=b\nhello\r\n0\r\n\r\n',
  'a line break in a quoted extension': '5;a="b\r\nhello\r\n0\r\n\r\n',
  'a space after the size': '5 \r\nhello\r\n0\r\n\r\n',
  'a Content-Length among the trailers': '5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n',
}

export const smugglingSuite: EngineSuitePart = (fixture) => {
  const counting = async (): Promise<{ complete: string[] }> => {
    const seen = { complete: [] as string[] }
    const port = await fixture().backend((req, res) => {
      req.resume()
      req.on('end', () => {
        seen.complete.push(req.url!)
        res.end()
      })
    })
    await fixture().start(port)
    return seen
  }

  it.each(Object.entries(AMBIGUOUS))('%s', async (_title, message) => {
    const seen = await counting()
    expect(statuses(await rawExchange(fixture().port, message))).toEqual([400])
    expect(seen.complete).toEqual([])
  })

  it.each(Object.entries(BAD_CHUNKS))('chunked with %s', async (_title, chunks) => {
    const seen = await counting()
    const text = await rawExchange(
      fixture().port,
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}${HIDDEN}`,
    )
    expect(statuses(text).filter((status) => status < 400)).toEqual([])
    expect(seen.complete).toEqual([])
    // The backend's half is gone too, so that nothing can follow on its connection.
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(0)
    expect((await fixture().ask('/after')).status).toBe(200)
    expect(seen.complete).toEqual(['/after'])
  })

  it('a body that looks like a request stays a body', async () => {
    const seen = await counting()
    await fixture().ask('/first', { method: 'POST', body: HIDDEN })
    await fixture().ask('/second', {
      method: 'GET',
      body: HIDDEN,
      headers: { 'content-length': `${HIDDEN.length}` },
    })
    expect(seen.complete).toEqual(['/first', '/second'])
  })

  it('what a problem of framing follows is not read', async () => {
    const seen = await counting()
    const message = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`
    const connection = await fixture().connect()
    connection.write(message)
    await connection.until((text) => text.includes('GATEWAY_REQUEST_INVALID'))
    connection.write(HIDDEN)
    await connection.untilClosed()
    expect(statuses(connection.text)).toEqual([400])
    expect(seen.complete).toEqual([])
  })

  const upgrades = {
    'to another protocol': 'GET /up HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    'with another method':
      'POST /up HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'in HTTP/1.0':
      'GET /up HTTP/1.0\r\nHost: a\r\nConnection: Upgrade, keep-alive\r\nUpgrade: websocket\r\n\r\n',
  }
  it.each(Object.entries(upgrades))(
    'an upgrade %s is ignored, and nothing is read behind it',
    async (_title, message) => {
      const seen: unknown[] = []
      const port = await fixture().backend((req, res) => {
        seen.push([req.url, req.headers.upgrade])
        res.end()
      })
      await fixture().start(port)
      const connection = await fixture().connect()
      connection.write(`${message}GET /sec`)
      await connection.until((text) => text.includes('HTTP/1.1 200'))
      connection.write(HIDDEN)
      await connection.untilClosed()
      expect(statuses(connection.text)).toEqual([200])
      expect(seen).toEqual([['/up', undefined]])
    },
  )

  const behind = {
    'an upgrade': [
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /hidden',
      [200, 200],
      ['/slow', '/ws'],
    ],
    CONNECT: ['CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', [], ['/slow']],
    'a syntax error': ['\x01\x02\r\n\r\n', [], ['/slow']],
  } as const
  it.each(Object.entries(behind))(
    '%s behind an unanswered request answers nothing but itself',
    async (_title, how) => {
      const [message, answered, asked] = how
      const seen: string[] = []
      let finish = (): void => undefined
      const port = await fixture().backend((req, res) => {
        seen.push(req.url!)
        if (req.url === '/slow') finish = () => res.end()
        else res.end()
      })
      await fixture().start(port)
      const connection = await fixture().connect()
      connection.write(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${message}`)
      await expect.poll(() => seen.length === asked.length || connection.closed !== undefined).toBe(true)
      finish()
      await connection.untilClosed()
      expect(statuses(connection.text)).toEqual(answered)
      expect(seen).toEqual(asked.slice(0, seen.length))
      // The gateway lives.
      expect((await fixture().ask('/after')).status).toBe(200)
    },
  )

  it('a refused upgrade opens no way around the gateway', async () => {
    const seen: string[] = []
    const port = await fixture().backend((req, res) => {
      seen.push(req.url!)
      res.end('no upgrade here')
    })
    await fixture().start(port)
    const text = await rawExchange(
      fixture().port,
      `GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n${HIDDEN}`,
    )
    expect(statuses(text)).toEqual([200])
    expect(seen).toEqual(['/ws'])
  })

  it('a backend’s ambiguous response is refused', async () => {
    const port = await fixture().rawBackend((socket) =>
      socket.on('data', () =>
        socket.end(
          'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nhello',
        ),
      ),
    )
    await fixture().start(port)
    expect((await fixture().ask('/', { method: 'POST', body: 'x' })).status).toBe(502)
  })
}
