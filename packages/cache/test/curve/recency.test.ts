import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecencyIndex } from '../../src/curve/recency.ts'

describe('RecencyIndex', () => {
  it('counts what was used since, as a list would, through any number of renumberings', () => {
    const step = fc.record({
      call: fc.constantFrom('use' as const, 'use' as const, 'remove' as const, 'resize' as const),
      key: fc.integer({ min: 0, max: 30 }),
      bytes: fc.integer({ min: 0, max: 100 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const index = new RecencyIndex<{ position: number; bytes: number }>(1)
        const items = Array.from({ length: 31 }, () => ({ position: 0, bytes: 0 }))
        // Newest first.
        let order: (typeof items)[number][] = []
        for (const { call, key, bytes } of steps) {
          const item = items[key]!
          if (call === 'use') {
            index.use(item)
            order = [item, ...order.filter((other) => other !== item)]
          } else if (call === 'resize') {
            index.resize(item, bytes)
          } else if (item.position !== 0) {
            index.remove(item)
            order = order.filter((other) => other !== item)
          }
          expect(index.count).toBe(order.length)
          expect(index.oldest()).toBe(order.at(-1))
          for (const [at, known] of order.entries()) {
            index.measure(known)
            expect(index.newer).toBe(at)
            const newer = order.slice(0, at).reduce((sum, { bytes: size }) => sum + size, 0)
            expect(index.newerBytes).toBe(newer)
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})
