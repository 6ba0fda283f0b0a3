import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cookieValue, removeCookies } from '../../src/splitting/cookie.ts'
import { compileSplit, partAt, placeInCookie, placeOf, PLACES } from '../../src/splitting/split.ts'
import type { SplitKind } from '../../src/drivers/driver.ts'

const compiled = (shares: readonly number[], kind: SplitKind = 'ab') =>
  compileSplit(
    { prefix: '/', pool: 'p0' },
    { name: 'test', kind, parts: shares.map((share, at) => ({ pool: `p${at}`, share })) },
    (pool) => pool,
  )
/** Percentages in steps of 0.01 that add up to 100. */
const shares = fc
  .array(fc.integer({ min: 0, max: PLACES }), { minLength: 1, maxLength: 5 })
  .map((cuts) => [0, ...cuts.sort((a, b) => a - b), PLACES])
  .map((cuts) => cuts.slice(1).map((cut, at) => (cut - cuts[at]!) / 100))

describe('parts of a split', () => {
  it('have exactly their shares of the line', () => {
    fc.assert(
      fc.property(shares, fc.constantFrom<SplitKind>('ab', 'canary', 'blue-green'), (list, kind) => {
        const split = compiled(list, kind)
        const counts = new Map<string, number>()
        for (let place = 0; place < PLACES; place++) {
          const { pool } = partAt(split, place)
          counts.set(pool, (counts.get(pool) ?? 0) + 1)
        }
        list.forEach((share, at) => expect(counts.get(`p${at}`) ?? 0).toBe(Math.round(share * 100)))
      }),
      { numRuns: 30 },
    )
  })

  it('of two: when shares change, no more visitors move than must', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (before, after) => {
        const [one, two] = [compiled([100 - before, before]), compiled([100 - after, after])]
        let moved = 0
        for (let place = 0; place < PLACES; place++) {
          if (partAt(one, place).pool !== partAt(two, place).pool) moved++
        }
        expect(moved).toBe(Math.abs(after - before) * 100)
      }),
      { numRuns: 30 },
    )
  })

  it('a canary that grows keeps everybody whom it has', () => {
    const steps = [1, 5, 25, 50, 100].map((share) => compiled([100 - share, share], 'canary'))
    for (let place = 0; place < PLACES; place++) {
      const parts = steps.map((split) => partAt(split, place).pool)
      expect(parts.join()).toMatch(/^(p0,?)*(p1,?)*$/)
    }
  })

  it('visitors without a cookie are spread evenly, and each has one place', () => {
    const counts = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 10_000; i++)
      counts[Math.floor(placeOf(`shop\n10.0.${i >> 8}.${i & 255}\nFirefox`) / 1_000)]!++
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
    expect(placeOf('a')).toBe(placeOf('a'))
  })
})

it('a place in a cookie is a place or nothing', () => {
  for (const good of ['0', '9999', '42']) expect(placeInCookie(good)).toBe(Number(good))
  for (const bad of [undefined, '', '10000', '-1', '1.5', ' 1', '1e3'])
    expect(placeInCookie(bad)).toBeUndefined()
})

it('one cookie is taken out and the others stay as they are', () => {
  expect(cookieValue('a=1; millrace=2;c=3', 'millrace')).toBe('2')
  expect(cookieValue('xmillrace=2', 'millrace')).toBeUndefined()
  const without = (cookie: string): string[] => {
    const raw = ['accept', '*/*', 'Cookie', cookie, 'host', 'x']
    removeCookies(raw, new Set(['millrace', 'other']))
    return raw
  }
  expect(without('a=1; millrace=2; c=3')).toEqual(['accept', '*/*', 'Cookie', 'a=1; c=3', 'host', 'x'])
  expect(without('a=1;b=2')[3]).toBe('a=1;b=2')
  expect(without('other=1; millrace=2')).toEqual(['accept', '*/*', 'host', 'x'])
  expect(without('millrace=2; a="b=c"')[3]).toBe('a="b=c"')
})
