import { MetricRegistry } from '@millrace/core/metrics'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCache } from '../../src/index.ts'

const cacheOf = (maxEntries: number) => createCache({ maxEntries, registry: new MetricRegistry() })

describe('S3-FIFO', () => {
  it('keeps what is read again when a scan passes through', async () => {
    const cache = cacheOf(100)
    for (let i = 0; i < 50; i++) await cache.set('n', `hot${i}`, i)
    for (let round = 0; round < 3; round++) for (let i = 0; i < 50; i++) await cache.get('n', `hot${i}`)
    for (let i = 0; i < 5_000; i++) await cache.set('n', `scan${i}`, i)
    const kept = Array.from({ length: 50 }, (_, i) => cache.has('n', `hot${i}`)).filter(Boolean)
    expect(kept).toHaveLength(50)
  })

  it('admits at once what was evicted lately', async () => {
    const cache = cacheOf(100)
    for (let i = 0; i < 150; i++) await cache.set('n', `a${i}`, i)
    expect(cache.has('n', 'a0')).toBe(false)
    await cache.set('n', 'a0', 0)
    for (let i = 0; i < 60; i++) await cache.set('n', `b${i}`, i)
    expect(cache.has('n', 'a0')).toBe(true)
  })

  it.each([1, 2, 9, 10, 11])('keeps the newest entry with room for %i', async (maxEntries) => {
    const cache = cacheOf(maxEntries)
    for (let i = 0; i < 100; i++) {
      await cache.set('n', String(i), i)
      await cache.get('n', String(i))
      await cache.get('n', String(i))
      expect(cache.has('n', String(i))).toBe(true)
      expect(cache.stats().entries).toBeLessThanOrEqual(maxEntries)
    }
  })

  it('agrees with a plain map on what it still holds, under any sequence of calls', () => {
    const key = fc.integer({ min: 0, max: 30 }).map(String)
    const step = fc.oneof(
      fc.record({ call: fc.constant('set' as const), key, value: fc.integer() }),
      fc.record({ call: fc.constant('read' as const), key }),
      fc.record({ call: fc.constant('delete' as const), key }),
      fc.record({ call: fc.constant('tag' as const), key }),
    )
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 300 }),
        fc.integer({ min: 1, max: 20 }),
        (steps, maxEntries) => {
          const cache = cacheOf(maxEntries)
          const model = new Map<string, number>()
          for (const { call, key, ...rest } of steps) {
            if (call === 'set' && 'value' in rest) {
              cache.setSync('n', key, rest.value, { tags: [`t${key}`] })
              model.set(key, rest.value)
            } else if (call === 'delete') {
              void cache.delete('n', key)
              model.delete(key)
            } else if (call === 'tag') {
              void cache.invalidateTags([`t${key}`])
              model.delete(key)
            }
            expect([undefined, model.get(key)]).toContain(cache.getSync('n', key))
            expect(cache.stats().entries).toBeLessThanOrEqual(maxEntries)
          }
          const { bytes, entries } = cache.stats()
          expect(entries === 0).toBe(bytes === 0)
        },
      ),
      { numRuns: 300 },
    )
  })
})
