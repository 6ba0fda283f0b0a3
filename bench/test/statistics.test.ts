import { expect, it } from 'vitest'
import { median, ratio, rotated, rounded } from '../src/statistics.ts'

it('median of odd and even counts', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

it('a ratio above 1 means better, in both directions', () => {
  expect(ratio(200, 100, 'higher')).toBe(2)
  expect(ratio(5, 10, 'lower')).toBe(2)
})

it('every contender is first once', () => {
  expect([0, 1, 2].map((round) => rotated(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'bca', 'cab'])
})

it('keeps four digits', () => {
  expect([rounded(123_456), rounded(0.001_234_56)]).toEqual([123_500, 0.001_235])
})
