import { describe, expect, test } from 'vitest'
import { describeChart, describePoint, summarise } from '../../src/charts/summary.ts'

const START = new Date(2026, 10, 20, 14).getTime()
const data = {
  stepMs: 60_000,
  times: [START, START + 60_000, START + 120_000],
  series: [
    { label: 'p95', values: [0.05, null, 0.1] },
    { label: 'p95 before', values: [1, 1, 1], compare: true },
  ],
}

describe('what a chart says', () => {
  test('names now and the bounds, and leaves the comparison to the table', () => {
    expect(describeChart('Latency', data, 's')).toBe(
      'Latency, 3 minutes until 2026-11-20 14:02:00. p95: now 100 ms, between 50 ms and 100 ms. Arrow keys move the cursor.',
    )
  })

  test('stops after four series', () => {
    const series = Array.from({ length: 6 }, (_, index) => ({ label: `s${index}`, values: [1, 1, 1] }))
    expect(describeChart('CPU', { ...data, series }, '1')).toContain('and 2 more in the table')
  })

  test('says that there is nothing', () => {
    expect(describeChart('CPU', { stepMs: 1, times: [], series: [] }, '1')).toBe('CPU: no data.')
  })

  test('a point names its time and a gap as a dash', () => {
    expect(describePoint(data, 1, 's')).toBe('2026-11-20 14:01:00: p95 –')
    expect(describePoint(data, 9, 's')).toBe('')
  })
})

test('a summary ignores gaps', () => {
  expect(summarise({ values: [null, 2, 4, null] })).toEqual({ last: 4, min: 2, max: 4, mean: 3 })
  expect(summarise({ values: [null] })).toEqual({ last: null, min: null, max: null, mean: null })
})
