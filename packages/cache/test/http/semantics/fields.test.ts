import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNotModified, sameEtag, sameStrongEtag } from '../../../src/http/semantics/conditions.ts'
import { fieldsOf, listMembers } from '../../../src/http/semantics/fields.ts'
import { invalidatedBy } from '../../../src/http/semantics/invalidation.ts'
import { rangeOf } from '../../../src/http/semantics/range.ts'
import { storedFields, updatedFields } from '../../../src/http/semantics/stored-fields.ts'
import { surrogateKeys } from '../../../src/http/semantics/surrogate-keys.ts'
import { variantOf, varyNames } from '../../../src/http/semantics/vary.ts'

const NOW = Date.UTC(2026, 0, 1)

describe('lists', () => {
  it.each([
    ['a, b', ['a', 'b']],
    [' ,a,,\tb ', ['a', 'b']],
    ['"a, b", c', ['"a, b"', 'c']],
    ['"a\\", b", c', ['"a\\", b"', 'c']],
    ['"a, b', ['"a, b']],
    ['', []],
  ])('%s', (text, members) => expect(listMembers(text)).toEqual(members))

  it('lines of one field are one list', () => {
    expect(fieldsOf(['A', '1', 'b', '2', 'a', '3'])).toEqual({ a: '1, 3', b: '2' })
    expect(fieldsOf(['__proto__', 'x', 'constructor', 'y'])['constructor']).toBe('y')
  })
})

describe('Vary', () => {
  it.each<[string | undefined, readonly string[] | undefined]>([
    [undefined, []],
    ['', []],
    ['Foo, bar,FOO', ['bar', 'foo']],
    ['*', undefined],
    ['a, *', undefined],
    [Array.from({ length: 33 }, (_, i) => `x${i}`).join(), undefined],
  ])('%s', (vary, names) => expect(varyNames(vary === undefined ? {} : { vary })).toEqual(names))

  it('tells apart all that differs, and nothing that does not, in fields of unknown meaning', () => {
    const value = fc.option(fc.string({ unit: fc.constantFrom(...'a"\\,[] n'.split('')), maxLength: 6 }), {
      nil: undefined,
    })
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, d) => {
        const same = a?.trim() === c?.trim() && b?.trim() === d?.trim()
        expect(variantOf(['x', 'y'], { x: a, y: b }) === variantOf(['x', 'y'], { x: c, y: d })).toBe(same)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('entity tags', () => {
  it.each([
    ['"1"', '"1"', true, true],
    ['W/"1"', '"1"', true, false],
    ['W/"1"', 'W/"1"', true, false],
    ['"1"', '"2"', false, false],
    ['1', '1', true, false],
    ['w/"1"', 'W/"1"', false, false],
  ])('%s and %s: weakly %s, strongly %s', (a, b, weakly, strongly) => {
    expect([sameEtag(a, b), sameStrongEtag(a, b)]).toEqual([weakly, strongly])
  })

  it('an If-None-Match that does not hold is not made up for by a date', () => {
    const validators = { etag: '"a"', lastModified: NOW, date: NOW }
    const request = { 'if-none-match': '"b"', 'if-modified-since': new Date(NOW).toUTCString() }
    expect(isNotModified(request, validators, NOW)).toBe(false)
  })
})

it('a range is a part of the body that was asked for, or none', () => {
  const header = fc.oneof(
    fc.tuple(fc.option(fc.nat(30)), fc.option(fc.nat(30))).map(([a, b]) => `bytes=${a ?? ''}-${b ?? ''}`),
    fc.string({ unit: fc.constantFrom(...'bytes=-019, '.split('')), maxLength: 14 }),
  )
  const validators = { etag: undefined, lastModified: undefined, date: undefined }
  fc.assert(
    fc.property(header, fc.nat(25), (range, length) => {
      const answer = rangeOf({ range }, validators, length, NOW)
      if (answer.kind !== 'part') return
      const [, first = '', last = ''] = /(\d*)\s*-\s*(\d*)/.exec(range)!
      expect(answer.start).toBe(first === '' ? Math.max(0, length - Number(last)) : Number(first))
      expect(answer.end).toBe(first === '' || last === '' ? length : Math.min(length, Number(last) + 1))
      expect(answer.start < answer.end && answer.end <= length).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

describe('stored fields', () => {
  it('are those of the end-to-end response, order and lines kept', () => {
    const raw = [
      'B',
      '1',
      'Connection',
      'x-hop, close',
      'X-Hop',
      '1',
      'A',
      '1',
      'b',
      '2',
      'Set-Cookie',
      'c',
      'Age',
      '1',
      'TE',
      'x',
    ]
    const filter = { withheld: ['a'], dropSetCookie: true }
    expect(storedFields(raw, fieldsOf(raw), filter)).toEqual(['B', '1', 'b', '2'])
  })

  it('are replaced, all lines of a name at once, but not those that say how the body is to be read', () => {
    const stored = ['a', '1', 'A', '2', 'b', '1', 'content-encoding', 'gzip', 'content-length', '3']
    const update = ['A', '3', 'c', '4', 'Content-Encoding', 'br', 'Content-Length', '0']
    expect(updatedFields(stored, update)).toEqual([
      'b',
      '1',
      'content-encoding',
      'gzip',
      'content-length',
      '3',
      'A',
      '3',
      'c',
      '4',
    ])
  })
})

describe('surrogate keys', () => {
  it.each<[Record<string, string>, readonly string[] | undefined]>([
    [{}, []],
    [{ 'surrogate-key': ' a  b,c ' }, ['a', 'b', 'c']],
    [{ 'cache-tag': 'a b, c', 'surrogate-key': 'c d' }, ['c', 'd', 'a b']],
    [{ 'cache-tag': Array.from({ length: 65 }, (_, i) => `k${i}`).join() }, undefined],
    [{ 'surrogate-key': 'x'.repeat(257) }, undefined],
  ])('%j', (fields, keys) => expect(surrogateKeys(fields)).toEqual(keys))
})

it('a change invalidates nothing beyond its own origin', () => {
  const url = new URL('https://shop.example/a?b')
  const address = fc.oneof(
    fc.constantFrom(
      '/x',
      'x',
      '//evil.example/x',
      'https://shop.example:444/x',
      '\\\\evil.example',
      'https://shop.example@evil.example/',
    ),
    fc.webUrl(),
    fc.string({ maxLength: 20 }),
  )
  fc.assert(
    fc.property(address, address, (location, content) => {
      const found = invalidatedBy(url, 201, { location, 'content-location': content })
      expect(found[0]).toBe(url)
      for (const each of found) expect(each.origin).toBe(url.origin)
    }),
  )
  expect(invalidatedBy(url, 404, { location: '/x' })).toEqual([])
})
