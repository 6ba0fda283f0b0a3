import { expect, test } from 'vitest'
import { isolatedPoints, timeTicks, valueRange } from '../../src/charts/chart-options.ts'

const at = (hours: number, minutes = 0, seconds = 0) =>
  new Date(2026, 10, 20, hours, minutes, seconds).getTime()

test('time labels are as fine as their distance, and midnight names the day', () => {
  expect(timeTicks([at(14), at(14, 5)], 300_000)).toEqual(['14:00', '14:05'])
  expect(timeTicks([at(14, 0, 10)], 10_000)).toEqual(['14:00:10'])
  expect(timeTicks([at(18), at(24)], 21_600_000)).toEqual(['18:00', 'Nov 21'])
  expect(timeTicks([at(0)], 86_400_000)).toEqual(['Nov 20'])
})

test('the axis starts at zero and survives having nothing to show', () => {
  expect(valueRange(100, 's')).toEqual([0, 108])
  expect(valueRange(null, 's')).toEqual([0, 1])
  expect(valueRange(0, 'ratio')).toEqual([0, 0.01])
  expect(valueRange(Number.NaN, 's')).toEqual([0, 1])
})

test('only values with a gap on both sides need a dot', () => {
  expect(isolatedPoints([null, 1, null, 2, 3, null, 4])).toEqual([1, 6])
  expect(isolatedPoints([1])).toEqual([0])
  expect(isolatedPoints([])).toEqual([])
})
