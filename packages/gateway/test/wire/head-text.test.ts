import { errors, type Dispatcher } from 'undici'
import { expect, it } from 'vitest'
import { httpDate, withFields } from '../../src/wire/head-text.ts'
import { requestHead } from '../../src/wire/request-text.ts'

const request = (options: object) =>
  requestHead({ method: 'GET', path: '/', headers: [], ...options } as Dispatcher.DispatchOptions, 'b:80')

it.each([
  ['a line break', ['X', 'a\r\nSet-Cookie: b']],
  ['a bare carriage return', ['X', 'a\rb']],
  ['a null byte', ['X', '\0']],
  ['a character that is no byte', ['X', '\u{1f600}']],
  ['a name with a colon', ['X:', 'a']],
  ['no name', ['', 'a']],
])('no head is written with %s', (_title, pairs) => {
  expect(() => withFields('', pairs)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_CHAR' }))
  expect(() => request({ headers: pairs })).toThrow(errors.InvalidArgumentError)
})

it.each([
  { path: '/a b' },
  { path: '/a\r\nX: 1' },
  { path: '' },
  { method: 'GET /x HTTP/1.1\r\n' },
  { headers: ['Content-Length', '1', 'content-length', '1'] },
  { headers: ['Content-Length', '0x1'] },
  { headers: ['Content-Length', '010'], body: Buffer.alloc(10) },
  { headers: ['Transfer-Encoding', 'chunked'] },
])('no request is written of %j', (options) => {
  expect(() => request(options)).toThrow(errors.InvalidArgumentError)
})

it('frames what it sends', () => {
  expect(request({ headers: ['Host', 'a'] }).text).toBe(
    'GET / HTTP/1.1\r\nConnection: keep-alive\r\nHost: a\r\n\r\n',
  )
  expect(request({ method: 'POST' }).text).toContain('Host: b:80\r\nContent-Length: 0\r\n')
  expect(request({ method: 'POST', body: Buffer.from('abc') })).toMatchObject({ bodyBytes: 3 })
  expect(() => request({ body: Buffer.from('abc'), headers: ['Content-Length', '4'] })).toThrow(
    errors.RequestContentLengthMismatchError,
  )
  expect(() => request({ headers: ['Content-Length', '4'] })).toThrow(
    errors.RequestContentLengthMismatchError,
  )
})

it('says the date as RFC 9110 wants it', () => {
  expect(httpDate()).toMatch(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/)
})
