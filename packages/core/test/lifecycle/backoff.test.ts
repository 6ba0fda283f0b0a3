import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoff } from '../../src/index.ts'

describe('backoff', () => {
  it('doubles its ceiling up to the limit, and starts over after a success', () => {
    const delays = backoff({ baseMs: 100, maxMs: 500, random: () => 1 })
    expect([delays.next(), delays.next(), delays.next(), delays.next()]).toEqual([100, 200, 400, 500])
    delays.reset()
    expect(delays.next()).toBe(100)
  })

  it('is never negative, never above the limit, however often it is asked', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(100_000), fc.integer({ min: 1, max: 2_000 }), (baseMs, maxMs, n) => {
        const delays = backoff({ baseMs, maxMs })
        const all = Array.from({ length: n }, () => delays.next())
        expect(Math.min(...all)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...all)).toBeLessThanOrEqual(maxMs)
      }),
    )
  })
})
