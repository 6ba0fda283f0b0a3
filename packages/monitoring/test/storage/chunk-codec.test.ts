import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistogramState } from '@millrace/core/metrics'
import { HistogramLog } from '../../src/storage/histogram-log.ts'
import { HistogramSum } from '../../src/storage/histogram-sum.ts'
import {
  decodeChunk,
  encodeCounters,
  encodeGaugeRollups,
  encodeGaugeValues,
  encodeHistograms,
  type GaugeSlot,
  type SlotSink,
} from '../../src/storage/chunk-codec.ts'

const collect = (bytes: Uint8Array) => {
  const found = {
    counters: new Map<number, number>(),
    gauges: new Map<number, GaugeSlot>(),
    histograms: new Map<number, object>(),
  }
  const sink: SlotSink = {
    counter: (slot, value) => found.counters.set(slot, value),
    gauge: (slot, value) => found.gauges.set(slot, { ...value }),
    histogram: (slot, { count, sum, zeroCount, offset, buckets }) => {
      const filled = Array.from(buckets, (n, i) => [offset + i, n]).filter(([, n]) => n !== 0)
      found.histograms.set(slot, { count, sum, zeroCount, filled })
    },
  }
  decodeChunk(bytes, sink)
  return found
}

const encodedLog = (slots: Iterable<readonly [number, HistogramState]>): Buffer => {
  const log = new HistogramLog()
  for (const [slot, histogram] of slots) log.append(slot, histogram)
  return encodeHistograms(log.bytes)
}

const number = fc.double({ noNaN: true, noDefaultInfinity: true })
const sparse = fc.array(fc.option(number, { nil: NaN }), { minLength: 1, maxLength: 150 })

describe('chunks', () => {
  it('give counters and gauges back exactly, gaps included', () => {
    fc.assert(
      fc.property(sparse, (list) => {
        const values = Float64Array.from(list)
        const present = new Map([...values.entries()].filter(([, value]) => !Number.isNaN(value)))
        expect(collect(encodeCounters(values)).counters).toEqual(present)
        const { gauges } = collect(encodeGaugeValues(values))
        expect(new Map([...gauges].map(([slot, { last }]) => [slot, last]))).toEqual(present)
      }),
    )
  })

  it('give rollups of gauges back exactly', () => {
    const part = fc.record({ min: number, max: number, sum: number, count: number, last: number })
    fc.assert(
      fc.property(fc.array(fc.option(part), { minLength: 1, maxLength: 60 }), (slots) => {
        const names = ['min', 'max', 'sum', 'count', 'last'] as const
        const values = Float64Array.from(names.flatMap((name) => slots.map((slot) => slot?.[name] ?? NaN)))
        const present = [...slots.entries()].filter(([, slot]) => slot !== null)
        expect([...collect(encodeGaugeRollups(values)).gauges]).toEqual(present)
      }),
    )
  })

  it('give histograms back exactly', () => {
    const histogram = fc.record({
      sum: fc.double({ min: 0, max: 1e9, noNaN: true }),
      zeroCount: fc.nat(1e6),
      offset: fc.integer({ min: -192, max: 250 }),
      buckets: fc.array(fc.nat(2 ** 40), { maxLength: 60 }),
    })
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(149)), fc.array(histogram, { maxLength: 30 }), (numbers, list) => {
        const slots = numbers
          .toSorted((a, b) => a - b)
          .slice(0, list.length)
          .map((slot, i) => {
            const { zeroCount, offset, buckets, sum } = list[i]!
            const count = zeroCount + buckets.reduce((a, b) => a + b, 0)
            return [slot, { count, zeroCount, offset, buckets, sum: count === 0 ? 0 : sum }] as const
          })
        const expected = slots.map(([slot, { buckets, offset, count, sum, zeroCount }]) => {
          const filled = buckets.map((n, i) => [offset + i, n]).filter(([, n]) => n !== 0)
          return [slot, { count, sum, zeroCount, filled }]
        })
        expect([...collect(encodedLog(slots)).histograms]).toEqual(expected)
      }),
    )
  })

  it('take little room: an idle hour of latencies and a busy one', () => {
    const idle = encodedLog(Array.from({ length: 150 }, (_, slot) => [slot, new HistogramSum()] as const))
    expect(idle.length).toBeLessThan(40)
    const counters = encodeCounters(Float64Array.from({ length: 150 }, (_, i) => 40 + (i % 7)))
    expect(counters.length).toBeLessThan(150 * 2)
  })

  it.each([
    ['an unknown format', Buffer.of(9, ...encodeCounters(Float64Array.of(1)).subarray(1))],
    ['bytes that are not deflated', Buffer.of(1, 255, 255, 255)],
    ['nothing', Buffer.alloc(0)],
  ])('refuse %s', (_title, bytes) => expect(() => collect(bytes)).toThrow(Error))

  // oxlint-disable-next-line vitest/expect-expect -- the property returns its verdict
  it('never read damaged bytes without an end or beyond their bound', () => {
    const good = encodedLog([
      [3, new HistogramSum().add({ count: 2, sum: 3, zeroCount: 0, offset: 4, buckets: [1, 1] })],
    ])
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(good)
        damaged[at] = byte
        try {
          return collect(damaged).histograms.size <= 1 << 20
        } catch (error) {
          return error instanceof Error
        }
      }),
      { numRuns: 500 },
    )
  })
})
