import { describe, expect, it } from 'vitest'
import { backoffDelay } from '../../src/process/index.ts'

describe('backoffDelay', () => {
  it('doubles up to the limit', () => {
    const delays = [0, 1, 2, 3, 4, 50].map((n) => backoffDelay(n, { baseMs: 100, maxMs: 1_000, jitter: 0 }))
    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000])
  })

  it('takes away at most the share of jitter', () => {
    const at = (random: number): number =>
      backoffDelay(3, { baseMs: 100, maxMs: 10_000, jitter: 0.25 }, () => random)
    expect([at(0), at(0.5), at(0.999_999)]).toEqual([800, 700, 600])
  })
})
