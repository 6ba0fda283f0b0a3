import { describe, expect, it } from 'vitest'
import { initialSize } from '../../src/index.ts'

describe('initialSize', () => {
  it.each([
    [1, { min: 1, max: 10 }, 1],
    [1, { min: 2, max: 10 }, 2],
    [10, { min: 1, max: 10 }, 10],
    ['auto' as const, { min: 1, max: 10, cpus: 4 }, 4],
    ['auto' as const, { min: 1, max: 2, cpus: 64 }, 2],
    ['auto' as const, { min: 3, max: 10, cpus: 1 }, 3],
  ])('%s within %o is %i', (wanted, bounds, expected) => {
    expect(initialSize('shop', wanted, bounds)).toBe(expected)
  })

  it('refuses a number above the maximum and names the settings', () => {
    expect(() => initialSize('shop', 11, { min: 1, max: 10 })).toThrow(
      /'shop' cannot have 11 instances.*MAX_INSTANCES/,
    )
  })
})
