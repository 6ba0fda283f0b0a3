import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { RequestHead } from '../../src/wire/request-head.ts'
import type { MessageSyntaxError } from '../../src/wire/syntax-error.ts'

const LIMITS = { bytes: 4_096, fields: 20 }

function read(text: string, limits = LIMITS): { head: RequestHead; after: number } {
  const bytes = Buffer.from(text, 'latin1')
  const head = new RequestHead(limits)
  return { head, after: head.read(bytes, 0, bytes.length) }
}

function refusal(text: string, limits = LIMITS): string | undefined {
  try {
    read(text, limits)
    return undefined
  } catch (error) {
    return (error as MessageSyntaxError).message
  }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n'

describe('head of a request', () => {
  it('gives method, target, version and fields as they were written', () => {
    const text =
      'QUERY /a%20b?c HTTP/1.0\r\nhOST: a:80\r\nX-Empty:\r\nX-Space: \t b c \t\r\nX-High: \xe4\r\n\r\nbody'
    const { head, after } = read(text)
    expect([head.method, head.target, head.minor]).toEqual(['QUERY', '/a%20b?c', 0])
    expect(head.pairs).toEqual(['hOST', 'a:80', 'X-Empty', '', 'X-Space', 'b c', 'X-High', '\xe4'])
    expect(text.slice(after)).toBe('body')
  })

  it.each(
    Object.entries({
      'one coding, in any case': ['Transfer-Encoding: Chunked', { chunked: true, contentLength: -1 }],
      'a length': ['content-LENGTH: 0042', { chunked: false, contentLength: 42 }],
      'Connection, a list': ['Connection: x, Close', { close: true, keepAlive: false }],
      'a byte that is no space': [
        'Connection: upgrade\xa0, \x85close\r\nProxy-Connection: close\xa0',
        { upgrade: false, close: false },
      ],
      'an upgrade': ['Connection: Upgrade\r\nUpgrade: websocket', { upgrade: true, protocol: 'websocket' }],
      'a connection that an old proxy would close': ['Proxy-Connection: close', { close: true }],
    }),
  )('understands %s', (_title, [field, framing]) => {
    expect(read(`${GET}${field as string}\r\n\r\n`).head.framing).toMatchObject(framing as object)
  })

  it.each([
    ['GET / HTTP/1.1\n', 'CRLF'],
    ['GET / HTTP/1.1\r\r\n', 'CRLF'],
    ['\nGET /', 'CRLF'],
    ['\r\r', 'CRLF'],
    ['GET  / HTTP/1.1\r\n', 'request target'],
    ['get / HTTP', 'method'],
    ['FOO / HTTP', 'method'],
    ['GETX', 'method'],
    ['GET /\xe4 HTTP/1.1\r\n', 'target'],
    ['GET a HTTP/1.1\r\n', 'neither a path nor a URL'],
    ['GET ftp://a/ HTTP/1.1\r\n', 'neither a path nor a URL'],
    ['GET http://a@b/ HTTP/1.1\r\n', 'host'],
    ['GET http:///a HTTP/1.1\r\n', 'host'],
    ['CONNECT a/b HTTP/1.1\r\n', 'host'],
    ['GET / HTTP/1.2', 'version'],
    ['GET / HTTP/2', 'version'],
    ['GET / http/1.1', 'version'],
    [`${GET}X : 1\r\n`, 'colon'],
    [`${GET} X: 1\r\n`, 'folded'],
    [`${GET}X: 1\r\n 2\r\n`, 'folded'],
    [`${GET}X: 1\n`, 'control character'],
    [`${GET}X: 1\r2`, 'line feed'],
    [`${GET}X: \0`, 'control character'],
    [`${GET}: 1`, 'token'],
    [`${GET}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`, 'two Content-Lengths'],
    [`${GET}Content-Length: +1\r\n\r\n`, 'number'],
    [`${GET}Content-Length: 1234567890123456\r\n\r\n`, 'number'],
    [`${GET}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 'beside'],
    [`${GET}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n`, 'beside'],
    [`${GET}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, 'two Transfer-Encodings'],
    [`${GET}Transfer-Encoding: gzip, chunked\r\n\r\n`, 'other than chunked'],
    [`${GET}Transfer-Encoding: chunked\t\r\n`, 'tab'],
    ['GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 'HTTP/1.0'],
    [`${GET}Host: a\r\n\r\n`, 'two Hosts'],
    ['GET / HTTP/1.1\r\n\r\n', 'without Host'],
  ])('refuses %j', (text, rule) => {
    expect(refusal(text)).toContain(rule)
  })

  it('keeps its limits, exactly', () => {
    const sized = (bytes: number): string => `${GET}X: ${'x'.repeat(bytes - GET.length - 7)}\r\n\r\n`
    expect(refusal(sized(LIMITS.bytes))).toBeUndefined()
    expect(refusal(sized(LIMITS.bytes + 1))).toContain('4096 bytes')
    expect(refusal(`GET /${'a'.repeat(LIMITS.bytes)}`)).toContain('4096 bytes')
    expect(refusal('\r\n'.repeat(LIMITS.bytes))).toContain('4096 bytes')
    expect(refusal(`${GET}${'X: 1\r\n'.repeat(19)}\r\n`)).toBeUndefined()
    expect(refusal(`${GET}${'X: 1\r\n'.repeat(20)}\r\n`)).toContain('20 fields')
  })

  it('does not mind where packets end', () => {
    const text = `\r\nPOST http://a/b HTTP/1.1\r\nHost: a\r\nX-Long-Name: value \r\nContent-Length: 3\r\n\r\nabcGET`
    const whole = read(text)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: text.length }), { maxLength: 20 }), (ends) => {
        const bytes = Buffer.from(text)
        const head = new RequestHead(LIMITS)
        let after = -1
        for (const end of [...ends.toSorted((a, b) => a - b), text.length])
          if (after === -1) after = head.read(bytes, 0, end)
        expect(after).toBe(whole.after)
        expect(head.pairs).toEqual(whole.head.pairs)
        expect([head.method, head.target]).toEqual(['POST', 'http://a/b'])
      }),
    )
  })
})
