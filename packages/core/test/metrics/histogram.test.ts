import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bucketIndex,
  bucketUpperBound,
  ExponentialHistogram,
  explicitToExponential,
  mergeHistograms,
  quantile,
  rescaleExponential,
  subtractHistogram,
} from '../../src/metrics/index.ts'

const values = fc.array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { maxLength: 200 })
const recorded = (list: readonly number[]): ExponentialHistogram => {
  const histogram = new ExponentialHistogram()
  for (const value of list) histogram.record(value)
  return histogram
}
const dense = (histogram: { offset: number; buckets: ArrayLike<number> }): Map<number, number> =>
  new Map(
    Array.from(histogram.buckets)
      .map((count, i) => [histogram.offset + i, count] as const)
      .filter(([, count]) => count > 0),
  )

describe('ExponentialHistogram', () => {
  it('puts a value into the bucket whose bounds enclose it', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e11, noNaN: true }), (value) => {
        const index = bucketIndex(value)
        expect(value).toBeLessThanOrEqual(bucketUpperBound(index) * (1 + 1e-12))
        expect(value).toBeGreaterThan(bucketUpperBound(index - 1) * (1 - 1e-12))
      }),
    )
  })

  it('puts powers of two exactly at the upper bound of a bucket', () => {
    for (let power = -20; power <= 39; power++) expect(bucketIndex(2 ** power)).toBe(power * 8 - 1)
  })

  it('ignores NaN and Infinity and counts values up to zero as zero', () => {
    const histogram = recorded([NaN, Infinity, -1, 0, 2])
    expect(histogram).toMatchObject({ count: 3, zeroCount: 2, sum: 2 })
  })

  it('estimates a quantile within a bucket of the true one', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-4, max: 1e4, noNaN: true }), { minLength: 1 }), (list) => {
        const sorted = list.toSorted((a, b) => a - b)
        for (const q of [0.5, 0.95, 0.99]) {
          const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
          const estimate = quantile(recorded(list).snapshot(), q)!
          expect(estimate / exact).toBeGreaterThan(2 ** -0.126)
          expect(estimate / exact).toBeLessThan(2 ** 0.126)
        }
      }),
    )
  })

  it('merges to what one histogram of all values would hold, and subtracts back', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const merged = mergeHistograms([recorded(a).snapshot(), recorded(b).snapshot()])
        expect(dense(merged)).toEqual(dense(recorded([...a, ...b])))
        expect(dense(subtractHistogram(merged, recorded(a).snapshot()))).toEqual(dense(recorded(b)))
      }),
    )
  })
})

describe('foreign histograms', () => {
  it('merges a finer scale exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 12 }), values, (scale, list) => {
        const counts = new Map<number, number>()
        for (const value of list) {
          // Found from our own index, so that rounding at a shared bound cannot differ between the scales.
          const fine = Math.max(
            bucketIndex(value) * 2 ** (scale - 3),
            Math.min(
              (bucketIndex(value) + 1) * 2 ** (scale - 3) - 1,
              Math.ceil(Math.log2(value) * 2 ** scale) - 1,
            ),
          )
          counts.set(fine, (counts.get(fine) ?? 0) + 1)
        }
        const offset = Math.min(0, ...counts.keys())
        const length = counts.size === 0 ? 0 : Math.max(...counts.keys()) - offset + 1
        const result = rescaleExponential({
          scale,
          offset,
          counts: Array.from({ length }, (_, i) => counts.get(offset + i) ?? 0),
          zeroCount: 0,
          sum: undefined,
        })
        expect(dense(result)).toEqual(dense(recorded(list)))
      }),
      { numRuns: 30 },
    )
  })

  it('keeps every count of a coarser scale inside the buckets it covers', () => {
    const result = rescaleExponential({ scale: 0, offset: 1, counts: [80, 7], zeroCount: 3, sum: 1 })
    expect(result.count).toBe(90)
    // (2, 4] is our buckets 8 to 15, (4, 8] is 16 to 23.
    expect([...dense(result).entries()].filter(([i]) => i >= 8 && i <= 15).map(([, n]) => n)).toEqual(
      Array.from({ length: 8 }, () => 10),
    )
    expect([...dense(result).keys()].every((i) => i >= 8 && i <= 23)).toBe(true)
  })

  it('keeps count and sum of explicit buckets and values within the buckets they came from', () => {
    const result = explicitToExponential({
      bounds: [0.1, 0.2, 1],
      counts: [0, 100, 10, 1],
      sum: 25,
      min: undefined,
      max: 4,
    })
    expect(result).toMatchObject({ count: 111, sum: 25, zeroCount: 0 })
    expect(quantile(result, 0.5)).toBeGreaterThan(0.1)
    expect(quantile(result, 0.5)).toBeLessThan(0.2)
    expect(quantile(result, 1)).toBeLessThanOrEqual(4.001)
  })

  it('puts a histogram without buckets at its mean', () => {
    const result = explicitToExponential({ bounds: [], counts: [4], sum: 8, min: undefined, max: undefined })
    expect(result.count).toBe(4)
    expect(quantile(result, 1)).toBeCloseTo(2, 6)
  })
})
