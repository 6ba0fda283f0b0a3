import { createRandom, mulberry32, pastMoment, startOfDay } from '@millrace-store/store/data'
import { describe, expect, it } from 'vitest'

describe('mulberry32', () => {
  it('gives the reference sequence', () => {
    const next = mulberry32(1)
    expect([next(), next(), next()].map((value) => value.toFixed(12))).toEqual([
      '0.627073940588',
      '0.002735721180',
      '0.527447039960',
    ])
  })

  it('is spread evenly over [0, 1)', () => {
    const next = mulberry32(42)
    const tenths = Array.from({ length: 10 }, () => 0)
    for (let n = 0; n < 100_000; n++) tenths[Math.floor(next() * 10)]!++
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })
})

describe('createRandom', () => {
  it('repeats itself by name and differs between names', () => {
    const draw = (name: string) => {
      const random = createRandom(name)
      return Array.from({ length: 20 }, () => random.int(0, 1_000_000))
    }
    expect(draw('products')).toEqual(draw('products'))
    expect(draw('products')).not.toEqual(draw('reviews'))
  })

  it('keeps int within both ends', () => {
    const random = createRandom('int')
    const seen = new Set(Array.from({ length: 1_000 }, () => random.int(3, 6)))
    expect([...seen].sort((a, b) => a - b)).toEqual([3, 4, 5, 6])
  })

  it('samples different items, and all of them when more are wanted', () => {
    const random = createRandom('sample')
    expect(new Set(random.sample([1, 2, 3, 4, 5], 3)).size).toBe(3)
    expect(random.sample([1, 2, 3], 9).sort((a, b) => a - b)).toEqual([1, 2, 3])
  })

  it('refuses to pick from nothing', () => {
    expect(() => createRandom('none').pick([])).toThrow(RangeError)
  })

  it('favours small indices without ever leaving the range', () => {
    const random = createRandom('popular')
    const drawn = Array.from({ length: 10_000 }, () => random.popular(1_000))
    expect(Math.max(...drawn)).toBeLessThan(1_000)
    expect(drawn.filter((index) => index < 100).length).toBeGreaterThan(2_000)
  })
})

describe('moments', () => {
  it('lie between the anchor and the given number of days before it', () => {
    const anchor = startOfDay(new Date('2026-05-04T13:14:15Z'))
    expect(anchor.toISOString()).toBe('2026-05-04T00:00:00.000Z')
    const random = createRandom('moments')
    for (let n = 0; n < 1_000; n++) {
      const age = anchor.getTime() - pastMoment(random, anchor, 30).getTime()
      expect(age).toBeGreaterThanOrEqual(0)
      expect(age).toBeLessThanOrEqual(30 * 86_400_000)
    }
  })
})
