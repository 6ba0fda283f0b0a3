import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseCacheControl,
  requestControl,
  responseControl,
} from '../../../src/http/semantics/cache-control.ts'
import { MAX_SECONDS } from '../../../src/http/semantics/fields.ts'

const NOTHING = parseCacheControl(undefined)

describe('Cache-Control', () => {
  it.each([
    ['max-age=60', { maxAge: 60 }],
    ['MaX-aGe=60', { maxAge: 60 }],
    ['max-age="60"', { maxAge: 60 }],
    ['max-age="6\\0"', { maxAge: 60 }],
    ['max-age=0060', { maxAge: 60 }],
    ['max-age = 60', { maxAge: 60 }],
    [',, max-age=60 ,', { maxAge: 60 }],
    ['max-age=2147483647', { maxAge: 2_147_483_647 }],
    ['max-age=2147483648', { maxAge: MAX_SECONDS }],
    [`max-age=${'9'.repeat(400)}`, { maxAge: MAX_SECONDS }],
    ['max-age=-60', { maxAge: 0 }],
    ['max-age=60.5', { maxAge: 0 }],
    ['max-age=1e3', { maxAge: 0 }],
    ["max-age='60'", { maxAge: 0 }],
    ['max-age', { maxAge: 0 }],
    ['max-age=', { maxAge: 0 }],
    ['max-age=60, max-age=30', { maxAge: 30 }],
    ['max-age=30, max-age=60', { maxAge: 30 }],
    ['max-age=60, max-age=x', { maxAge: 0 }],
    ['s-maxage=10, max-age=60', { sMaxage: 10, maxAge: 60 }],
    ['x="max-age=60, public", max-age=1', { maxAge: 1 }],
    ['x="\\"", max-age=1', { maxAge: 1 }],
    ['unknown, other=1, public', { isPublic: true }],
    ['no-store', { noStore: true }],
    ['no-store=x', { noStore: true }],
    ['no-cache', { noCache: true }],
    ['no-cache="Set-Cookie"', { withheld: ['set-cookie'] }],
    ['no-cache=a', { withheld: ['a'] }],
    ['no-cache="a, B"', { withheld: ['a', 'b'] }],
    ['no-cache="a", no-cache', { noCache: true, withheld: ['a'] }],
    ['no-cache, no-cache="a"', { noCache: true, withheld: ['a'] }],
    ['no-cache=""', { noCache: true }],
    ['no-cache="a b"', { noCache: true }],
    ['private', { isPrivate: true }],
    ['private="x"', { withheld: ['x'] }],
    ['private="x', { isPrivate: true }],
    ['must-revalidate, proxy-revalidate', { mustRevalidate: true, proxyRevalidate: true }],
    ['stale-while-revalidate=5, stale-if-error=6', { staleWhileRevalidate: 5, staleIfError: 6 }],
    ['max-stale', { maxStale: Infinity }],
    ['max-stale=5', { maxStale: 5 }],
    ['max-stale=x', { maxStale: 0 }],
    ['min-fresh=5, min-fresh=7', { minFresh: 7 }],
    ['only-if-cached', { onlyIfCached: true }],
    ['public private', {}],
  ])('%s', (text, expected) => {
    expect(parseCacheControl(text)).toEqual({ ...NOTHING, ...expected })
  })

  it('can be anything, and what it forbids stays forbidden whatever stands beside it', () => {
    const forbidding = fc.constantFrom('no-store', 'private', 'no-cache')
    const text = fc.string({ unit: fc.constantFrom(...'ab=,-" \\\t019'.split('')), maxLength: 40 })
    fc.assert(
      fc.property(forbidding, text, text, (directive, before, after) => {
        // A quotation mark that is left open takes in everything behind it.
        const closed = before.replaceAll(/["\\]/g, '')
        const { noStore, isPrivate, noCache } = parseCacheControl(`${closed}, ${directive} ,${after}`)
        expect({ 'no-store': noStore, private: isPrivate, 'no-cache': noCache }[directive]).toBe(true)
      }),
    )
  })
})

describe('targeted fields (RFC 9213)', () => {
  const targets = ['cdn-cache-control', 'surrogate-control']
  it.each([
    ['max-age=10', true, { maxAge: 10 }],
    ['max-age=10, no-store=?0, public', true, { maxAge: 10, isPublic: true }],
    ['max-age=10;x=1, other=token, list="a, b"', true, { maxAge: 10 }],
    ['no-store', true, { noStore: true }],
    ['max-age=10, &&&', false, { maxAge: 1 }],
    ['max-age="10"', false, { maxAge: 1 }],
    ['max-age =10', false, { maxAge: 1 }],
    ['MAX-AGE=10', false, { maxAge: 1 }],
    ['', false, { maxAge: 1 }],
  ])('%s', (text, targeted, expected) => {
    const fields = { 'cdn-cache-control': text, 'cache-control': 'max-age=1' }
    expect(responseControl(fields, targets)).toEqual({ targeted, control: { ...NOTHING, ...expected } })
  })

  it('the first that can be read counts', () => {
    const fields = {
      'cdn-cache-control': '???',
      'surrogate-control': 'max-age=5',
      'cache-control': 'max-age=1',
    }
    expect(responseControl(fields, targets).control.maxAge).toBe(5)
    expect(responseControl(fields, []).control.maxAge).toBe(1)
  })
})

describe('Pragma', () => {
  it('counts in a request that has no Cache-Control', () => {
    expect(requestControl({ pragma: 'no-cache' }).noCache).toBe(true)
    expect(requestControl({ pragma: 'x' }).noCache).toBe(false)
    expect(requestControl({ pragma: 'no-cache', 'cache-control': 'max-age=1' }).noCache).toBe(false)
  })
})
