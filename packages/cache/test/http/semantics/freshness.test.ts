import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCacheControl, responseControl } from '../../../src/http/semantics/cache-control.ts'
import { parseHttpDate } from '../../../src/http/semantics/dates.ts'
import { initialAgeMs, lifetimeOf } from '../../../src/http/semantics/freshness.ts'
import { mayServeOnError, reuseOf, termsOf } from '../../../src/http/semantics/reuse.ts'

const NOW = Date.UTC(2026, 0, 1)
const utc = (ms: number): string => new Date(ms).toUTCString()

describe('HTTP dates', () => {
  const at = Date.UTC(2050, 7, 18, 2, 1, 18)
  it.each([
    ['Thu, 18 Aug 2050 02:01:18 GMT', at],
    ['THU, 18 AUG 2050 02:01:18 gmt', at],
    ['Thursday, 18-Aug-50 02:01:18 GMT', at],
    ['Thu Aug 18 02:01:18 2050', at],
    ['Mon Aug  8 02:01:18 2050', Date.UTC(2050, 7, 8, 2, 1, 18)],
    ['Friday, 18-Aug-95 02:01:18 GMT', Date.UTC(1995, 7, 18, 2, 1, 18)],
    ['Sun, 21 Nov 2286 04:46:39 GMT', Date.UTC(2286, 10, 21, 4, 46, 39)],
    ['Thu, 18 Aug 2050 02:01:18 UTC', undefined],
    ['Thu, 18 Aug 2050 02:01:18 +0000', undefined],
    ['Thu, 18 Aug 50 02:01:18 GMT', undefined],
    ['Thu 18 Aug 2050 02:01:18 GMT', undefined],
    ['Thu, 18  Aug  2050 02:01:18 GMT', undefined],
    ['Thu, 18-Aug-2050 02:01:18 GMT', undefined],
    ['Thu, 18 Aug 2050 02.01.18 GMT', undefined],
    ['Thu, 18 Aug 2050 2:01:18 GMT', undefined],
    ['Thu, 31 Feb 2050 02:01:18 GMT', undefined],
    ['Thu, 18 Aug 2050 24:01:18 GMT', undefined],
    ['2050-08-18T02:01:18Z', undefined],
    ['0', undefined],
    ['', undefined],
  ])('%s', (text, expected) => expect(parseHttpDate(text, NOW)).toBe(expected))

  it('are read as they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) / 1_000 }), (seconds) => {
        expect(parseHttpDate(utc(seconds * 1_000), NOW)).toBe(seconds * 1_000)
      }),
    )
  })
})

describe('how long a response is fresh', () => {
  const options = { heuristicShare: 0.1, heuristicMaxMs: 86_400_000 }
  const lifetime = (fields: Record<string, string>, status = 200, targets: string[] = []) =>
    lifetimeOf(status, fields, responseControl(fields, targets), NOW, options)

  it.each<[Record<string, string>, number, boolean]>([
    [{ 'cache-control': 's-maxage=5, max-age=60', expires: utc(NOW + 9_000) }, 5_000, true],
    [{ 'cache-control': 'max-age=60', expires: '0' }, 60_000, true],
    [{ expires: utc(NOW + 9_000) }, 9_000, true],
    [{ expires: utc(NOW + 9_000), date: utc(NOW - 1_000) }, 10_000, true],
    [{ expires: utc(NOW - 9_000) }, 0, true],
    [{ expires: 'never' }, 0, true],
    [{ expires: `${utc(NOW + 9_000)}, ${utc(NOW + 9_000)}` }, 0, true],
    [{ 'last-modified': utc(NOW - 100_000) }, 10_000, false],
    [{ 'last-modified': utc(NOW - 10 * 365 * 86_400_000) }, 86_400_000, false],
    [{ 'last-modified': utc(NOW + 100_000) }, 0, false],
    [{}, 0, false],
  ])('%j', (fields, ms, explicit) => expect(lifetime(fields)).toEqual({ ms, explicit }))

  it('is guessed only for statuses that allow it, or when it says public', () => {
    const fields = { 'last-modified': utc(NOW - 100_000) }
    const fresh = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]
    for (let status = 200; status < 600; status++) {
      expect(lifetime(fields, status).ms).toBe(fresh.includes(status) ? 10_000 : 0)
    }
    expect(lifetime({ ...fields, 'cache-control': 'public' }, 302).ms).toBe(10_000)
  })

  it('is not what Expires says where a targeted field is in its place', () => {
    const fields = { 'cdn-cache-control': 'public', expires: utc(NOW + 9_000) }
    expect(lifetime(fields, 200, ['cdn-cache-control']).ms).toBe(0)
  })
})

describe('how old a response is', () => {
  it('is the larger of what it says, with the time it took, and what its Date says', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), fc.nat(100_000), (stated, apparent, tookMs) => {
        const fields = { age: String(stated), date: utc(NOW - apparent * 1_000) }
        const age = initialAgeMs(fields, { requestedAt: NOW - tookMs, respondedAt: NOW })
        expect(age).toBe(Math.max(apparent * 1_000, stated * 1_000 + tookMs))
      }),
    )
  })

  it.each([
    ['7', 7_000],
    ['7,9000', 7_000],
    ['9000,7', 9_000_000],
    // Two lines, put together.
    ['0, 0', Infinity],
    ['7, 9000', Infinity],
    ['7;a=b', Infinity],
    ['-7', Infinity],
    ['7.0', Infinity],
    ['', Infinity],
  ])('an Age of `%s`: %d ms', (age, ms) => {
    expect(initialAgeMs({ age }, { requestedAt: NOW, respondedAt: NOW })).toBe(ms)
  })

  it('is never less than 0, whatever the clocks say', () => {
    expect(initialAgeMs({ date: utc(NOW + 5_000) }, { requestedAt: NOW + 1, respondedAt: NOW })).toBe(0)
  })
})

describe('whether a stored response may be used', () => {
  const control = fc.record(
    {
      maxAge: fc.nat(100),
      minFresh: fc.nat(100),
      maxStale: fc.oneof(fc.nat(100), fc.constant(Infinity)),
      noCache: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  const stored = fc.record({
    lifetime: fc.nat(100),
    age: fc.nat(200),
    text: fc.constantFrom(
      '',
      'must-revalidate',
      'proxy-revalidate',
      'no-cache',
      's-maxage=1',
      'stale-while-revalidate=50',
      'stale-if-error=50',
    ),
  })

  it('fresh only within its time; stale never against its will', () => {
    fc.assert(
      fc.property(stored, control, ({ lifetime, age, text }, asked) => {
        const terms = termsOf(parseCacheControl(text), lifetime * 1_000, {
          whileRevalidateMs: 0,
          ifErrorMs: 0,
        })
        const request = { ...parseCacheControl(undefined), ...asked }
        const reuse = reuseOf(terms, terms.lifetimeMs, age * 1_000, request)
        const onError = mayServeOnError(terms, age * 1_000, request)
        const used = reuse !== 'validate'
        const stale = reuse === 'stale' || reuse === 'renew'
        const broken = {
          fresh: reuse === 'fresh' && age >= lifetime,
          validated: used && (asked.noCache === true || text === 'no-cache'),
          minFresh: used && lifetime - age < (asked.minFresh ?? -Infinity),
          stale: stale && (age < lifetime || /revalidate$|no-cache/.test(text)),
          renew: reuse === 'renew' && age - lifetime >= 50,
          maxStale: reuse === 'stale' && age - lifetime > (asked.maxStale ?? -1),
          onError: onError && age >= lifetime && (text !== 'stale-if-error=50' || age - lifetime >= 50),
        }
        expect(Object.entries(broken).filter(([, is]) => is)).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  it('not stale by a default where s-maxage or must-revalidate speaks against it', () => {
    const defaults = { whileRevalidateMs: 5_000, ifErrorMs: 6_000 }
    for (const [text, whileRevalidateMs, ifErrorMs] of [
      ['max-age=1', 5_000, 6_000],
      ['max-age=1, stale-while-revalidate=1', 1_000, 6_000],
      ['s-maxage=1', 0, 0],
      ['s-maxage=1, stale-while-revalidate=1', 1_000, 0],
      ['max-age=1, must-revalidate, stale-if-error=1', 0, 0],
    ] as const) {
      expect(termsOf(parseCacheControl(text), 1_000, defaults)).toMatchObject({
        whileRevalidateMs,
        ifErrorMs,
      })
    }
  })
})
