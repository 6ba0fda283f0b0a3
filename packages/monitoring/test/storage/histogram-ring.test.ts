import { ExponentialHistogram } from '@millrace/core/metrics'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HistogramRing } from '../../src/storage/histogram-ring.ts'
import { HistogramSum } from '../../src/storage/histogram-sum.ts'
import { restoreChunk } from '../../src/storage/ring.ts'
import type { Tier } from '../../src/storage/tiers.ts'

const tier: Tier = { resolution: 'raw', slotMs: 2_000, slotsPerChunk: 4, slotsInMemory: 12 }

const recorded = (values: readonly number[]) => {
  const histogram = new ExponentialHistogram()
  for (const value of values) histogram.record(value)
  return histogram.snapshot()
}

/** Buckets by slot, merged, without empty ones. */
function contents(ring: HistogramRing, from = 0, to = Infinity): Map<number, object> {
  const bySlot = new Map<number, HistogramSum>()
  const fail = (): never => {
    throw new Error('wrong kind')
  }
  ring.read(from, to, {
    counter: fail,
    gauge: fail,
    histogram: (slot, value) => void bySlot.set(slot, (bySlot.get(slot) ?? new HistogramSum()).add(value)),
  })
  return new Map([...bySlot].toSorted(([a], [b]) => a - b).map(([slot, sum]) => [slot, summary(sum)]))
}

const summary = ({ count, zeroCount, offset, buckets }: HistogramSum): object => ({
  count,
  zeroCount,
  filled: Array.from(buckets, (n, i) => [offset + i, n]).filter(([, n]) => n !== 0),
})

const values = fc.array(fc.double({ min: 1e-4, max: 100, noNaN: true }), { maxLength: 8 })
const steps = fc.array(fc.tuple(fc.integer({ min: -14, max: 30 }), values), { maxLength: 50 })

describe('a ring of histograms', () => {
  it('holds exactly the newest slots, merged, whatever the order and the gaps', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const ring = new HistogramRing(tier)
        const model = new Map<number, HistogramSum>()
        let last = 0
        let at = 100
        for (const [step, recordings] of list) {
          at = Math.max(1, at + step)
          const taken = ring.add(at, recorded(recordings))
          if (taken !== !(last > 0 && at <= last - tier.slotsInMemory))
            throw new Error('taken or refused wrongly')
          if (!taken) continue
          model.set(at, (model.get(at) ?? new HistogramSum()).add(recorded(recordings)))
          last = Math.max(last, at)
          for (const slot of model.keys()) if (slot <= last - tier.slotsInMemory) model.delete(slot)
        }
        const expected = [...model].toSorted(([a], [b]) => a - b).map(([slot, sum]) => [slot, summary(sum)])
        expect([...contents(ring)]).toEqual(expected)
        const copy = new HistogramRing(tier)
        for (let chunk = 0; chunk < 400; chunk++) {
          const bytes = ring.encode(chunk)
          if (bytes !== undefined) restoreChunk(copy, chunk, bytes)
        }
        expect([...contents(copy)]).toEqual(expected)
      }),
    )
  })

  it('forgets what lies after a time, and only that', () => {
    const ring = new HistogramRing(tier)
    for (let slot = 100; slot < 112; slot++) ring.add(slot, recorded([slot]))
    ring.truncate(105)
    expect([...contents(ring).keys()]).toEqual([100, 101, 102, 103, 104, 105])
    ring.add(106, recorded([1]))
    expect([...contents(ring).keys()]).toEqual([100, 101, 102, 103, 104, 105, 106])
  })

  it('costs a few bytes for an idle slot and a few dozen for a busy one', () => {
    const wide = { ...tier, slotsPerChunk: 150, slotsInMemory: 450 }
    const idle = new HistogramRing(wide)
    const busy = new HistogramRing(wide)
    const latencies = Array.from({ length: 50 }, (_, i) => 0.005 + i * 0.0007)
    for (let slot = 1_000; slot < 1_450; slot++) {
      idle.add(slot, recorded([]))
      busy.add(slot, recorded(latencies))
    }
    expect(idle.bytes).toBeLessThan(450 * 10)
    expect(busy.bytes).toBeLessThan(450 * 100)
  })
})
