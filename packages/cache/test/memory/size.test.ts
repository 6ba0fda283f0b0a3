import { describe, expect, it } from 'vitest'
import { measureValue } from '../../src/memory/size.ts'

describe('measureValue', () => {
  it.each([
    ['a short string', 'x', 10, 40],
    ['a Latin-1 string', 'x'.repeat(10_000), 10_000, 10_100],
    ['a wide string', 'ж'.repeat(10_000), 20_000, 20_100],
    ['a buffer', Buffer.alloc(5_000), 5_000, 5_200],
    ['a view', new Float64Array(100), 800, 1_000],
    ['nothing', undefined, 1, 16],
  ])('is right about %s', (_, value, least, most) => {
    const bytes = measureValue(value)
    expect(bytes).toBeGreaterThanOrEqual(least)
    expect(bytes).toBeLessThanOrEqual(most)
  })

  it('counts shared parts and cycles once, at any depth', () => {
    const shared = { text: 'x'.repeat(1_000) }
    expect(measureValue([shared, shared])).toBeLessThan(1_400)
    interface Chain {
      next?: Chain
    }
    const chain: Chain = {}
    let last = chain
    for (let i = 0; i < 100_000; i++) {
      last.next = {}
      last = last.next
    }
    last.next = chain
    expect(measureValue(chain)).toBeGreaterThan(100_000 * 32)
  })

  it.each([
    ['function', { a: [() => 1] }],
    ['symbol', new Map([['a', Symbol('x')]])],
    ['Promise', { a: Promise.resolve() }],
    ['WeakMap', [new WeakMap()]],
  ])('finds a %s', (type, value) => {
    expect(measureValue(value)).toEqual({ type })
  })

  it('agrees with what structuredClone refuses', () => {
    for (const value of [new Date(), /x/, new Set([1]), 10n, null, new Error('x'), [undefined, 1]]) {
      expect(typeof measureValue(value)).toBe('number')
      expect(() => structuredClone(value)).not.toThrow()
    }
  })
})
