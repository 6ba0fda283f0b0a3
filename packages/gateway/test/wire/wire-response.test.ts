import type { Socket } from 'node:net'
import { beforeEach, describe, expect, it } from 'vitest'
import { WireRequest } from '../../src/wire/wire-request.ts'
import { WireResponse } from '../../src/wire/wire-response.ts'
import { turn, WireStream } from './fuzz/wire-stream.ts'

describe('response to a visitor', () => {
  let stream: WireStream
  let socket: Socket
  let written: number
  beforeEach(() => {
    stream = new WireStream()
    socket = stream as unknown as Socket
    written = 0
  })

  const respond = (method = 'GET', minor = 1): WireResponse => {
    const req = new WireRequest(
      { socket, proceed: () => undefined },
      { method, target: '/', pairs: [], minor },
      false,
    )
    const target = {
      socket,
      keepAliveFields: 'Connection: keep-alive\r\n',
      written: () => void written++,
      gather: () => undefined,
      release: () => undefined,
    }
    return new WireResponse(target, req, minor === 1)
  }
  const sent = (): string => stream.sent.replace(/Date: [^\r]+\r\n/, '')
  const KEEP = 'Connection: keep-alive\r\n\r\n'

  it('leaves with its head', async () => {
    const res = respond()
    res.begin()
    res.writeHead(200, ['Content-Length', '2'])
    expect([stream.sent, res.headersSent]).toEqual(['', true])
    res.end('ok', 'latin1')
    await turn()
    expect(sent()).toBe(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${KEEP}ok`)
    expect(written).toBe(1)
  })

  it('has chunks and trailers in HTTP/1.1, and ends the connection in HTTP/1.0', async () => {
    const res = respond()
    res.begin()
    res.writeHead(200, 'Fine', [])
    res.write(Buffer.alloc(0))
    res.write(Buffer.from('hello'))
    res.write(Buffer.alloc(5_000, 'x'))
    res.addTrailers([['X-Sum', '1']])
    res.end()
    expect(sent()).toBe(
      `HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n${KEEP}5\r\nhello\r\n1388\r\n${'x'.repeat(5_000)}\r\n0\r\nX-Sum: 1\r\n\r\n`,
    )
    stream.sent = ''
    const old = respond('GET', 0)
    old.begin()
    old.writeContinue()
    old.writeHead(200, [])
    old.end(Buffer.from('hello'))
    expect(sent()).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello')
    expect(old.shouldKeepAlive).toBe(false)
    await turn()
    expect(written).toBe(2)
  })

  it.each([
    ['HEAD', 200, ['Content-Length', '5']],
    ['HEAD', 200, []],
    ['GET', 204, []],
    ['GET', 304, ['Content-Length', '5']],
  ])('%s with %i has no body', async (method, status, headers) => {
    const res = respond(method as string)
    res.begin()
    res.writeHead(status as number, headers as string[])
    res.write(Buffer.from('hel'))
    res.end(Buffer.from('lo'))
    await turn()
    expect(sent().endsWith(KEEP)).toBe(true)
    expect(sent()).not.toContain('Transfer-Encoding')
    expect([stream.destroyed, written]).toEqual([false, 1])
  })

  it.each(['hell', 'hello!'])('ends the connection instead of a body of another length (%s)', (body) => {
    for (const way of ['end', 'write'] as const) {
      stream = new WireStream()
      socket = stream as unknown as Socket
      const res = respond()
      res.begin()
      res.writeHead(200, ['Content-Length', '5'])
      res[way](Buffer.from(body))
      if (way === 'write') res.end()
      expect(stream.destroyed).toBe(true)
      expect(stream.sent).not.toContain('!')
    }
  })

  it('waits for its turn', async () => {
    const res = respond()
    let drained = false
    res.on('drain', () => (drained = true))
    res.writeHead(200, [])
    expect(res.socket).toBe(null)
    expect(res.write(Buffer.alloc(10_000))).toBe(true)
    expect(res.write(Buffer.alloc(60_000))).toBe(false)
    expect(stream.sent).toBe('')
    res.begin()
    expect(res.socket).toBe(socket)
    res.end()
    await turn()
    expect(stream.sent.endsWith('\r\n0\r\n\r\n')).toBe(true)
    expect(stream.sent.length).toBeGreaterThan(70_000)
    expect([written, drained]).toEqual([1, true])
  })

  it.each([
    [['Content-Length', '1', 'content-length', '1'], 'not the only one'],
    [['Content-Length', '1x'], 'no number'],
    [['Transfer-Encoding', 'chunked'], 'how a body is sent'],
    [['X', 'a\r\nb'], 'character'],
  ])('refuses a head with %j, and can answer otherwise', (headers, why) => {
    const res = respond()
    res.begin()
    expect(() => res.writeHead(200, headers)).toThrow(why)
    res.writeHead(502, ['Content-Length', '0'])
    res.end()
    expect(sent()).toBe(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n${KEEP}`)
  })
})
