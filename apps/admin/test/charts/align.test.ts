import { assert, integer, property, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  alignSeries,
  isEmpty,
  lastValue,
  ratioSeries,
  seriesName,
  sumSeries,
} from '../../src/charts/align.ts'

const line = (times: number[], values: (number | null)[]) => ({ labels: {}, times, values })

describe('aligning series', () => {
  test('a missing step is a gap, not a line over it', () => {
    const data = alignSeries([{ label: 'a', series: line([0, 10, 40], [1, 2, 3]) }], 10)
    expect(data.times).toEqual([0, 10, 20, 30, 40])
    expect(data.series[0]!.values).toEqual([1, 2, null, null, 3])
  })

  test('series of different ends share one axis', () => {
    const data = alignSeries(
      [
        { label: 'a', series: line([10, 20], [1, 2]) },
        { label: 'b', series: line([0, 10], [7, null]) },
      ],
      10,
    )
    expect(data.times).toEqual([0, 10, 20])
    expect(data.series.map(({ values }) => values)).toEqual([
      [null, 1, 2],
      [7, null, null],
    ])
  })

  test('the previous period moves under the present one', () => {
    const data = alignSeries(
      [
        { label: 'a', series: line([100, 110], [1, 2]) },
        { label: 'a before', series: line([0, 10], [8, 9]), shiftMs: 100, compare: true },
      ],
      10,
    )
    expect(data.times).toEqual([100, 110])
    expect(data.series[1]).toEqual({ label: 'a before', values: [8, 9], compare: true })
  })

  test('labels become unique and nothing is no data', () => {
    const twice = alignSeries(
      [
        { label: 'a', series: line([0], [1]) },
        { label: 'a', series: line([0], [2]) },
      ],
      10,
    )
    expect(twice.series.map(({ label }) => label)).toEqual(['a', 'a (2)'])
    expect(isEmpty(alignSeries([{ label: 'a', series: line([], []) }], 10))).toBe(true)
    expect(isEmpty(twice)).toBe(false)
  })

  test('a wrong step from the server is bounded', () => {
    expect(
      alignSeries([{ label: 'a', series: line([0, 1e12], [1, 2]) }], 0).times.length,
    ).toBeLessThanOrEqual(20_000)
  })

  test('every value keeps its time', () => {
    assert(
      property(uniqueArray(integer({ min: 0, max: 500 }), { minLength: 1 }), (slots) => {
        const sorted = slots.toSorted((a, b) => a - b)
        const data = alignSeries(
          [
            {
              label: 'a',
              series: line(
                sorted.map((s) => s * 10),
                sorted,
              ),
            },
          ],
          10,
        )
        for (const slot of sorted) expect(data.series[0]!.values[data.times.indexOf(slot * 10)]).toBe(slot)
        expect(data.series[0]!.values.filter((value) => value !== null)).toHaveLength(sorted.length)
      }),
    )
  })
})

describe('adding and dividing', () => {
  test('a sum is missing only where every part is', () => {
    expect(sumSeries([line([0, 10, 20], [1, null, null]), line([0, 10], [2, 3])]).values).toEqual([
      3,
      3,
      null,
    ])
    expect(sumSeries([])).toEqual({ labels: {}, times: [], values: [] })
  })

  test('a share of nothing is unknown, and nothing of something is zero', () => {
    const whole = line([0, 10, 20, 30], [4, 0, null, 8])
    expect(ratioSeries(line([0], [1]), whole).values).toEqual([0.25, null, null, 0])
  })
})

test('the newest known value', () => {
  expect(lastValue([1, 2, null])).toBe(2)
  expect(lastValue([null])).toBeNull()
  expect(lastValue(undefined)).toBeNull()
})

test('names are the shortest that tell series apart', () => {
  expect(seriesName({ service: 'shop', instance: 'shop/1' }, 'x')).toBe('shop/1')
  expect(seriesName({ service: 'shop', kind: 'major' }, 'x')).toBe('shop major')
  expect(seriesName({}, 'x')).toBe('x')
})
