import { describe, expect, test } from 'vitest'
import { pointsForWidth, refreshIntervalMs } from '../../src/time/refresh.ts'

const MINUTE = 60_000

describe('the refresh interval', () => {
  test.each([
    [5 * MINUTE, 700, 2_000],
    [15 * MINUTE, 700, 2_000],
    [60 * MINUTE, 700, 10_000],
    [24 * 60 * MINUTE, 700, 60_000],
    [30 * 24 * 60 * MINUTE, 700, 60_000],
  ])('of %d ms over %d px is %d ms', (spanMs, widthPx, interval) => {
    expect(refreshIntervalMs(spanMs, widthPx)).toBe(interval)
  })

  test('never goes below the push interval, whatever the range', () => {
    expect(refreshIntervalMs(10_000, 10_000)).toBe(2_000)
    expect(refreshIntervalMs(10_000, 0)).toBe(2_000)
  })
})

test('points are half the pixels, in steps, within the server’s limits', () => {
  expect(pointsForWidth(0)).toBe(50)
  expect(pointsForWidth(700)).toBe(350)
  expect(pointsForWidth(701)).toBe(400)
  expect(pointsForWidth(100_000)).toBe(2_000)
})
