import { describe, expect, it } from 'vitest'
import { HotKeys } from '../../src/curve/hot-keys.ts'
import { randomNumbers, zipf } from '../memory/simulation.ts'

describe('HotKeys', () => {
  it('finds the keys that are read most among far more keys than it has counters for', () => {
    const next = zipf(50_000, 1.1, randomNumbers(3))
    const reads = new Map<number, number>()
    const hot = new HotKeys(128)
    for (let i = 0; i < 100_000; i++) {
      const key = next()
      reads.set(key, (reads.get(key) ?? 0) + 1)
      hot.add(key, 'n', String(key))
    }
    const top = hot.top(10, 1_000)
    const expected = [...reads].sort((a, b) => b[1] - a[1]).slice(0, 10)
    expect(top.map(({ id }) => id).sort()).toEqual(expected.map(([key]) => String(key)).sort())
    for (const { id, share, error, readsPerSecond } of top) {
      const exact = reads.get(Number(id))! / 100_000
      expect(share).toBeGreaterThanOrEqual(exact)
      expect(share - error).toBeLessThanOrEqual(exact)
      expect(readsPerSecond).toBeCloseTo(share * 1_000)
    }
  })

  it('lets go of what was hot once', () => {
    const hot = new HotKeys(4)
    for (let i = 0; i < 1_000; i++) hot.add(1, 'n', 'once')
    for (let minute = 0; minute < 12; minute++) hot.fade(0.5)
    for (let i = 0; i < 100; i++) hot.add(2, 'n', 'now')
    expect(hot.top(10, 1).map(({ id }) => id)).toEqual(['now'])
  })

  it('calls nothing hot when nothing is read twice', () => {
    const hot = new HotKeys(8)
    for (let key = 0; key < 1_000; key++) hot.add(key, 'n', String(key))
    expect(hot.top(10, 1)).toEqual([])
  })
})
