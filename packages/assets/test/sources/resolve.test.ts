import { hostMatcher } from '@millrace/core/http'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveSource } from '../../src/sources/resolve.ts'

const rules = {
  origin: new URL('http://127.0.0.1:3000'),
  isAllowedHost: hostMatcher(['cdn.example.com', '*.img.example']),
  internalPrefixes: ['/_millrace', '/admin', '/api'],
}

const kindOf = (src: string): string => {
  try {
    const { kind, url } = resolveSource(src, rules)
    return `${kind} ${url.href}`
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a source', () => {
  it.each([
    ['/a.jpg', 'origin http://127.0.0.1:3000/a.jpg'],
    ['/100%25.jpg', 'origin http://127.0.0.1:3000/100%25.jpg'],
    ['/50%25%20off/ü.jpg', 'origin http://127.0.0.1:3000/50%25%20off/%C3%BC.jpg'],
    ['/latin%E9.jpg', 'origin http://127.0.0.1:3000/latin%E9.jpg'],
    ['/a.jpg#/admin', 'origin http://127.0.0.1:3000/a.jpg'],
    ['http://127.0.0.1:3000/a.jpg', 'origin http://127.0.0.1:3000/a.jpg'],
    ['https://cdn.example.com/a.jpg', 'remote https://cdn.example.com/a.jpg'],
    // One of the ways to write an address.
    ['http:cdn.example.com', 'remote http://cdn.example.com/'],
    ['https://a.img.example./a', 'remote https://a.img.example./a'],
  ])('%s is taken', (src, expected) => {
    expect(kindOf(src)).toBe(expected)
  })

  it.each([
    '//evil.example/a.jpg',
    '/\\evil.example/a.jpg',
    '\\\\evil.example/a.jpg',
    '/\t/evil.example/a.jpg',
    ' //evil.example/a.jpg',
    'a.jpg',
    'file:///etc/passwd',
    'data:image/png;base64,AAAA',
    'blob:http://127.0.0.1:3000/x',
    'ftp://cdn.example.com/a',
    'http://user@cdn.example.com/a.jpg',
    'http://cdn.example.com@evil.example/a.jpg',
    'http://cdn.example.com.evil.example/',
    'http://evil.example\\@cdn.example.com/',
    'http://img.example/a',
    'http://127.0.0.1:3001/a',
    'http://127.1:22/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::1]:3000/',
    'http://localhost:3000/a.jpg',
    '/_millrace/image?src=/a.jpg',
    '/%5Fmillrace/image',
    '/%255fmillrace/image',
    '/%2525255fmillrace/100%25zz',
    '/x/..%2f_millrace/image',
    '/x/%2e%2e/admin',
    '/x/%252e%252e/admin',
    '/ADMIN',
    '//127.0.0.1:3000/admin',
    '/.//admin/',
    '/x%5c..%5cadmin',
    '/admin%2f..%2fadmin/x',
    'http://127.0.0.1:3000//admin',
    '/ad\nmin/users',
  ])('%j is refused', (src) => {
    expect(kindOf(src)).toMatch(/^ASSETS_(PARAMETER_INVALID|SOURCE_FORBIDDEN)$/)
  })

  it('never leads to a path of the platform, however it is encoded', () => {
    const encode = (text: string, times: number): string =>
      times === 0
        ? text
        : encode(Array.from(text, (char) => `%${char.charCodeAt(0).toString(16)}`).join(''), times - 1)
    fc.assert(
      fc.property(
        fc.constantFrom('/_millrace', '/admin', '/api'),
        fc.array(fc.constantFrom(0, 0, 1, 1, 2), { minLength: 10, maxLength: 10 }),
        fc.constantFrom('', '/', '/./', '/x/../', '//', '/%', '/%zz/../'),
        fc.constantFrom('', '/', '/users', '/100%25', '/%E9', '/%zz'),
        (prefix, times, before, after) => {
          const path = Array.from(prefix.slice(1), (char, i) => encode(char, times[i] ?? 0)).join('')
          const start = before.startsWith('/') ? before : '/'
          if (start === '/%') return
          expect(kindOf(`${start.replace(/^\/\//, '/.//')}${path}${after}`)).toMatch(/^ASSETS_/)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('of any text is taken or refused, and is never another failure', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true }), fc.webPath()), (src) => {
        expect(kindOf(src)).toMatch(/^(ASSETS_|origin http:\/\/127\.0\.0\.1:3000\/|remote https?:)/)
      }),
      { numRuns: 2_000 },
    )
  })
})
