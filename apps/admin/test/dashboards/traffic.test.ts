import type { RangeResult } from '@millrace/core'
import { expect, test } from 'vitest'
import { buildErrors, buildRequests, byClass } from '../../src/dashboards/performance/traffic.ts'

const result = (rates: Record<string, number>, times = [0, 2_000]): RangeResult => ({
  metric: 'millrace_gateway_request_duration_seconds',
  aggregate: 'rate',
  unit: 's',
  stepMs: 2_000,
  resolution: 'raw',
  series: Object.entries(rates).map(([status, rate]) => ({
    labels: { status },
    times,
    values: times.map(() => rate),
  })),
})
const window = { from: 10_000, to: 20_000 }

test('status codes become classes', () => {
  const classes = byClass(result({ 200: 5, 204: 1, 404: 2, 500: 1 }))
  expect(classes.map(({ name, series }) => [name, series.values[0]])).toEqual([
    ['2xx', 6],
    ['4xx', 2],
    ['5xx', 1],
  ])
})

test('only 5xx is an error, and no traffic is no rate', () => {
  const { series } = buildErrors({ window, results: [result({ 200: 8, 404: 1, 503: 1 })] }, 'light')
  expect(series[0]!.values).toEqual([0.1, 0.1])
  expect(buildErrors({ window, results: [result({})] }, 'light').series[0]!.values).toEqual([])
})

test('the period before is drawn under the present one, in its colour', () => {
  const data = buildRequests(
    { window, results: [result({ 200: 5 }, [10_000])], previous: [result({ 200: 3 }, [0])] },
    'dark',
  )
  const [present, past] = data.series
  expect(data.times).toEqual([10_000])
  expect(past).toEqual({ label: '2xx before', values: [3], compare: true, color: present!.color })
})
