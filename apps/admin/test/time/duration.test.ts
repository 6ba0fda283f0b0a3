import { assert, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  describeDuration,
  formatAge,
  formatDuration,
  MAX_SPAN_MS,
  MIN_SPAN_MS,
  parseDuration,
} from '../../src/time/duration.ts'

describe('durations', () => {
  test.each([
    ['15m', 900_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['10s', MIN_SPAN_MS],
    ['400d', MAX_SPAN_MS],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '15', 'm', '15 m', '-15m', '1.5h', '15M', '9s', '401d', '9999999m', '15m '])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  test('what is formatted is read back', () => {
    assert(
      property(integer({ min: 10, max: MAX_SPAN_MS / 1_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000)
      }),
    )
  })

  test('are described in words when one unit is enough', () => {
    expect(describeDuration(900_000)).toBe('15 minutes')
    expect(describeDuration(3_600_000)).toBe('1 hour')
    expect(describeDuration(5_400_000)).toBe('1h30m')
  })

  test('an age has one unit and is never negative', () => {
    expect(formatAge(4_900)).toBe('4 s')
    expect(formatAge(119_000)).toBe('1 min')
    expect(formatAge(7_200_000)).toBe('2 h')
    expect(formatAge(200_000_000)).toBe('2 d')
    expect(formatAge(-5_000)).toBe('0 s')
  })
})
