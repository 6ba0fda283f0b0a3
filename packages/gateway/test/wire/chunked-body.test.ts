import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { ChunkedBody } from '../../src/wire/chunked-body.ts'

const LIMITS = { bytes: 1_024, fields: 10 }

/** What it makes of parts, and the bytes behind the body. */
function read(parts: readonly Buffer[]): { data: string; trailers: string[] | undefined; rest: string } {
  const body = new ChunkedBody(LIMITS)
  let data = ''
  let rest = ''
  for (const part of parts) {
    let at = 0
    while (at < part.length && !body.done) {
      at = body.read(part, at, part.length)
      data += part.toString('latin1', body.from, body.to)
    }
    if (body.done) rest += part.toString('latin1', at)
  }
  if (!body.done) throw new Error('not complete')
  return { data, trailers: body.trailers, rest }
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1')

describe('chunked body', () => {
  it('is taken apart, in packets of any size', () => {
    const whole = '5\r\nhello\r\n0A;a;b=c;d="e\\"f; g"\r\n, world!!!\r\n000\r\nX-Sum: 1\r\nX-T:2\r\n\r\nGET /'
    const expected = { data: 'hello, world!!!', trailers: ['X-Sum', '1', 'X-T', '2'], rest: 'GET /' }
    expect(read([text(whole)])).toEqual(expected)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 30 }), (ends) => {
        const cuts = [0, ...ends.toSorted((a, b) => a - b), whole.length]
        const parts = cuts.slice(1).map((end, i) => text(whole.slice(cuts[i], end)))
        expect(read(parts)).toEqual(expected)
      }),
    )
  })

  it.each([
    ['\r\n', 'no number'],
    ['g\r\n', 'no number'],
    ['+5\r\n', 'no number'],
    ['0x5\r\n', 'no number'],
    ['5 \r\n', 'no number'],
    ['5\n', 'no number'],
    ['5\r\rn', 'CRLF'],
    ['10000000000000\r\n', 'too large'],
    ['5\r\nhellooo', 'longer than its size'],
    ['5\r\nhello\rX', 'CRLF'],
    ['5;\r\n', 'extension'],
    ['5; a\r\n', 'extension'],
    ['5;a=\r\n', 'extension'],
    ['5;a="b\r\n"', 'extension'],
    ['5;a="b"c\r\n', 'extension'],
    [`5;a=${'b'.repeat(5_000)}`, 'bytes of chunk extensions'],
    ['0\r\nContent-Length: 5\r\n\r\n', 'frames or routes'],
    ['0\r\nX T: 1\r\n\r\n', 'colon'],
    [`0\r\nX: ${'b'.repeat(2_000)}\r\n\r\n`, 'bytes of head'],
    [`0\r\n${'X: b\r\n'.repeat(11)}\r\n`, 'fields'],
  ])('refuses %j', (body, rule) => {
    expect(() => read([text(body)])).toThrow(rule)
    expect(() => read(Array.from(body, text))).toThrow(rule)
  })
})
