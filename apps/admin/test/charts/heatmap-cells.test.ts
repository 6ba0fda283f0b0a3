import { array, assert, double, property } from 'fast-check'
import { expect, test } from 'vitest'
import { heatOf, latencyBands } from '../../src/charts/heatmap-cells.ts'

const percentiles = (values: (number | null)[]) =>
  values.map((value) => ({ labels: {}, times: [1_000], values: [value] }))

test('bands are two per doubling and cover the range', () => {
  const bands = latencyBands(0.01, 0.1)
  expect(bands[0]).toBeLessThanOrEqual(0.01)
  expect(bands.at(-1)).toBeGreaterThanOrEqual(0.1)
  expect(bands[2]! / bands[0]!).toBeCloseTo(2)
})

test('the shares of a column add up to all requests', () => {
  assert(
    property(array(double({ min: 1e-4, max: 10, noNaN: true }), { minLength: 5, maxLength: 5 }), (values) => {
      const { columns } = heatOf(percentiles(values.toSorted((a, b) => a - b)), 2_000)
      const total = columns[0]!.cells.reduce((sum, { share }) => sum + share, 0)
      expect(total).toBeCloseTo(1, 6)
    }),
  )
})

test('most requests are where the percentiles crowd', () => {
  const { columns } = heatOf(percentiles([0.01, 0.011, 0.012, 0.5, 0.9]), 2_000)
  const densest = columns[0]!.cells.toSorted((a, b) => b.share - a.share)[0]!
  expect(densest.upper).toBeLessThanOrEqual(0.016)
})

test('a step without requests is no column', () => {
  expect(heatOf(percentiles([null, null, null, null, null]), 2_000)).toEqual({
    bands: [],
    columns: [],
    stepMs: 2_000,
  })
  expect(heatOf([], 2_000).columns).toEqual([])
})
