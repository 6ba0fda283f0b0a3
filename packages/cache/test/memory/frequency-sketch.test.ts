import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrequencySketch } from '../../src/memory/frequency-sketch.ts'
import { mix } from '../../src/memory/hash.ts'

describe('FrequencySketch', () => {
  it('never counts a key less often than it was seen, up to 15', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 400 }), (keys) => {
        const sketch = new FrequencySketch()
        sketch.ensure(512)
        const seen = new Map<number, number>()
        for (const key of keys) {
          sketch.increment(mix(key))
          seen.set(key, (seen.get(key) ?? 0) + 1)
        }
        for (const [key, count] of seen) {
          expect(sketch.frequency(mix(key))).toBeGreaterThanOrEqual(Math.min(15, count))
          expect(sketch.frequency(mix(key))).toBeLessThanOrEqual(15)
        }
      }),
    )
  })

  it('is nearly exact with as many keys as it was made for', () => {
    const sketch = new FrequencySketch()
    sketch.ensure(1_000)
    for (let key = 0; key < 1_000; key++) for (let i = 0; i <= key % 5; i++) sketch.increment(mix(key))
    const exact = Array.from({ length: 1_000 }, (_, key) => sketch.frequency(mix(key)) === (key % 5) + 1)
    expect(exact.filter(Boolean).length).toBeGreaterThan(970)
  })

  it('forgets: after ten times as many reads as entries, counts are halved', () => {
    const sketch = new FrequencySketch()
    sketch.ensure(64)
    for (let i = 0; i < 15; i++) sketch.increment(mix(1))
    expect(sketch.frequency(mix(1))).toBe(15)
    for (let key = 100; key < 1_400; key++) sketch.increment(mix(key))
    expect(sketch.frequency(mix(1))).toBeLessThan(15)
  })
})
