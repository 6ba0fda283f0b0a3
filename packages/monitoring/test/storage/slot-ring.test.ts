import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CounterRing } from '../../src/storage/counter-ring.ts'
import { GaugeRing } from '../../src/storage/gauge-ring.ts'
import { restoreChunk } from '../../src/storage/ring.ts'
import type { SlotRing } from '../../src/storage/slot-ring.ts'
import type { Tier } from '../../src/storage/tiers.ts'

const tier: Tier = { resolution: 'raw', slotMs: 2_000, slotsPerChunk: 4, slotsInMemory: 12 }
const fail = (): never => {
  throw new Error('wrong kind')
}
const counters = (ring: SlotRing): [number, number][] => {
  const found: [number, number][] = []
  ring.read(0, Infinity, {
    counter: (slot, value) => found.push([slot, value]),
    gauge: fail,
    histogram: fail,
  })
  return found
}

describe('a ring', () => {
  it('holds exactly the newest slots, whatever the order and the gaps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -14, max: 30 }), fc.nat(9)), { maxLength: 60 }),
        (steps) => {
          const ring = new CounterRing(tier)
          const model = new Map<number, number>()
          let last = 0
          let at = 100
          for (const [step, value] of steps) {
            at = Math.max(1, at + step)
            if (last > 0 && at <= last - tier.slotsInMemory) {
              if (ring.add(at, value)) throw new Error('it took a slot that it cannot hold')
              continue
            }
            ring.add(at, value)
            model.set(at, (model.get(at) ?? 0) + value)
            last = Math.max(last, at)
            for (const slot of model.keys()) if (slot <= last - tier.slotsInMemory) model.delete(slot)
          }
          expect(counters(ring)).toEqual([...model].toSorted(([a], [b]) => a - b))
        },
      ),
    )
  })

  it('forgets what lies after a time, and only that', () => {
    const ring = new CounterRing(tier)
    for (let slot = 100; slot < 112; slot++) ring.add(slot, slot)
    ring.truncate(105)
    expect(counters(ring).map(([slot]) => slot)).toEqual([100, 101, 102, 103, 104, 105])
    ring.add(106, 1)
    expect(counters(ring).at(-1)).toEqual([106, 1])
  })

  it('says which chunks changed, encodes them, and is the same after restoring them', () => {
    const ring = new CounterRing(tier)
    for (const slot of [100, 101, 103, 107, 108]) ring.add(slot, slot / 2)
    expect([...ring.dirty]).toEqual([25, 26, 27])
    const copy = new CounterRing(tier)
    for (const chunk of ring.dirty) restoreChunk(copy, chunk, ring.encode(chunk)!)
    expect(counters(copy)).toEqual(counters(ring))
    expect(copy.dirty.size).toBe(0)
    expect(ring.encode(23)).toBeUndefined()
    expect(ring.encode(28)).toBeUndefined()
  })

  it('keeps minimum, maximum, sum, count and last of a gauge’s rollup', () => {
    const ring = new GaugeRing({ ...tier, resolution: '1m' })
    for (const value of [3, -1, 5, 2]) ring.add(50, value)
    const found: object[] = []
    ring.read(50, 50, { counter: fail, histogram: fail, gauge: (_slot, value) => found.push({ ...value }) })
    expect(found).toEqual([{ min: -1, max: 5, sum: 9, count: 4, last: 2 }])
  })
})
