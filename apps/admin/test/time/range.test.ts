import { assert, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_SPAN_MS, MIN_SPAN_MS } from '../../src/time/duration.ts'
import {
  DEFAULT_SPAN_MS,
  parseTimeRange,
  previousWindow,
  rangeKey,
  resolveWindow,
  withTimeRange,
  zoomOut,
  zoomTo,
} from '../../src/time/range.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const read = (query: string) => parseTimeRange(new URLSearchParams(query))

describe('a range in the URL', () => {
  test('is relative, absolute, or the default', () => {
    expect(read('range=1h')).toEqual({ kind: 'relative', spanMs: 3_600_000 })
    expect(read('from=1000000&to=2000000')).toEqual({ kind: 'absolute', from: 1_000_000, to: 2_000_000 })
    expect(read('')).toEqual({ kind: 'relative', spanMs: DEFAULT_SPAN_MS })
  })

  test.each([
    'range=nonsense',
    'range=1s',
    'from=2000000&to=1000000',
    'from=1&to=2',
    'from=abc&to=2000000',
    'from=-1&to=2000000',
    'from=1e99&to=2e99',
  ])('that cannot be read is the default: %s', (query) => {
    expect(read(query)).toEqual({ kind: 'relative', spanMs: DEFAULT_SPAN_MS })
  })

  test('never throws and is always within bounds', () => {
    assert(
      property(string(), string(), string(), (range, from, to) => {
        const parsed = parseTimeRange(new URLSearchParams({ range, from, to }))
        const { from: start, to: end } = resolveWindow(parsed, NOW)
        expect(end - start).toBeGreaterThanOrEqual(MIN_SPAN_MS)
        expect(end - start).toBeLessThanOrEqual(MAX_SPAN_MS)
      }),
    )
  })

  test('survives a round trip and leaves other parameters alone', () => {
    const params = new URLSearchParams('q=shop&from=1&to=2')
    const relative = withTimeRange(params, { kind: 'relative', spanMs: 5_400_000 })
    expect(relative.toString()).toBe('q=shop&range=1h30m')
    const absolute = withTimeRange(relative, { kind: 'absolute', from: NOW - 60_000.4, to: NOW })
    expect(absolute.get('range')).toBeNull()
    expect(parseTimeRange(absolute)).toEqual({ kind: 'absolute', from: NOW - 60_000, to: NOW })
    expect(params.toString()).toBe('q=shop&from=1&to=2')
  })
})

describe('zooming', () => {
  test('out of a relative range doubles it and keeps it live', () => {
    expect(zoomOut({ kind: 'relative', spanMs: 900_000 }, NOW)).toEqual({
      kind: 'relative',
      spanMs: 1_800_000,
    })
    expect(zoomOut({ kind: 'relative', spanMs: MAX_SPAN_MS }, NOW)).toEqual({
      kind: 'relative',
      spanMs: MAX_SPAN_MS,
    })
  })

  test('out of an absolute range keeps its middle, except at the present', () => {
    expect(zoomOut({ kind: 'absolute', from: NOW - 5_000_000, to: NOW - 4_000_000 }, NOW)).toEqual({
      kind: 'absolute',
      from: NOW - 5_500_000,
      to: NOW - 3_500_000,
    })
    expect(zoomOut({ kind: 'absolute', from: NOW - 1_000_000, to: NOW }, NOW)).toEqual({
      kind: 'absolute',
      from: NOW - 2_000_000,
      to: NOW,
    })
  })

  test('into less than the shortest span widens to it', () => {
    const range = zoomTo(NOW, NOW + 10)
    expect(range).toMatchObject({ kind: 'absolute', from: NOW + 5 - MIN_SPAN_MS / 2 })
  })
})

test('the previous period has the same length and ends where the present one starts', () => {
  expect(previousWindow({ from: 1_000, to: 1_600 })).toEqual({ from: 400, to: 1_000 })
})

test('the key of a relative range does not move with the clock', () => {
  expect(rangeKey({ kind: 'relative', spanMs: 900_000 })).toBe('last 900000')
  expect(rangeKey({ kind: 'absolute', from: 1, to: 2 })).not.toBe(
    rangeKey({ kind: 'absolute', from: 1, to: 3 }),
  )
})
