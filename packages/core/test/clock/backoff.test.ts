import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoff, backoffDelay } from '../../src/index.ts'

describe('backoff', () => {
  it('doubles its ceiling up to the limit, and starts over after a success', () => {
    const delays = backoff({ baseMs: 100, maxMs: 500, random: () => 1 })
    expect([delays.next(), delays.next(), delays.next(), delays.next()]).toEqual([100, 200, 400, 500])
    delays.reset()
    expect(delays.next()).toBe(100)
  })

  it('takes away at most the share of jitter', () => {
    const at = (random: number): number =>
      backoffDelay(3, { baseMs: 100, maxMs: 10_000, jitter: 0.25, random: () => random })
    expect([at(0), at(0.5), at(0.999_999)]).toEqual([600, 700, 800])
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
