import { describe, expect, test } from 'vitest'
import {
  latencyRows,
  matches,
  ROUTE_LABELS,
  ROUTE_TOTALS,
  routeSpecs,
} from '../../src/dashboards/performance/routes-model.ts'

const list = { service: 'shop', method: 'GET', route: '/products' }
const order = { service: 'shop', method: 'POST', route: '/orders' }
const totals = (values: [number | null, number | null][]) =>
  values.map(([a, b]) => [
    ...(a === null ? [] : [{ labels: list, value: a }]),
    ...(b === null ? [] : [{ labels: order, value: b }]),
  ])

describe('rows of the route table', () => {
  // rate, count, mean, p50, p95, p99, failed
  const rows = latencyRows(
    totals([
      [30, 10],
      [300, 100],
      [0.01, 0.09],
      [0.008, 0.08],
      [0.02, 0.2],
      [0.05, 0.5],
      [null, 10],
    ]),
    ROUTE_LABELS,
  )

  test('join the aggregates by their labels', () => {
    expect(ROUTE_TOTALS).toHaveLength(7)
    expect(rows[1]).toMatchObject({ verb: 'POST', name: '/orders', rate: 10, p95: 0.2, p99: 0.5 })
  })

  test('time spent is count times duration, of all', () => {
    expect(rows.map(({ share }) => share)).toEqual([0.25, 0.75])
  })

  test('errors are a share of the requests', () => {
    expect(rows.map(({ errors }) => errors)).toEqual([0, 0.1])
  })

  test('a route without requests has no share of errors', () => {
    const [row] = latencyRows(
      totals([
        [0, 0],
        [0, 0],
        [null, null],
        [null, null],
        [null, null],
        [null, null],
        [null, null],
      ]),
      ROUTE_LABELS,
    )
    expect(row).toMatchObject({ errors: null, share: null, p95: null })
  })
})

test('every word of a search must occur', () => {
  const row = { service: 'shop', verb: 'GET', name: '/products/:id' } as Parameters<typeof matches>[0]
  expect(matches(row, 'get prod')).toBe(true)
  expect(matches(row, '')).toBe(true)
  expect(matches(row, 'get orders')).toBe(false)
})

test('the detail of a route asks for exactly that route', () => {
  const { percentiles, statuses } = routeSpecs({ service: 'shop', verb: 'GET', name: '/products' })
  expect(percentiles.map(({ aggregate }) => aggregate)).toEqual(['p50', 'p90', 'p95', 'p99', 'p999'])
  expect(statuses[0]).toMatchObject({
    where: { service: 'shop', method: 'GET', route: '/products' },
    by: ['status'],
  })
})
