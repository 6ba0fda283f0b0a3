import { expect, test } from 'vitest'
import { namespaceRows } from '../../../src/dashboards/performance/caching/namespaces-model.ts'

const shop = { service: 'shop', namespace: 'PRODUCTS' }

test('one row per service and namespace, with shares of its reads', () => {
  const rows = namespaceRows([
    [
      { labels: { ...shop, tier: 'memory' }, value: 6 },
      { labels: { ...shop, tier: 'shared' }, value: 3 },
    ],
    [{ labels: shop, value: 1 }],
    [{ labels: shop, value: 2 }],
    [{ labels: shop, value: 4 }],
    [{ labels: shop, value: 700 }],
    [{ labels: shop, value: 7 }],
  ])
  expect(rows).toEqual([
    {
      key: 'shop PRODUCTS',
      ...shop,
      reads: 10,
      hitRatio: 0.9,
      memory: 0.6,
      shared: 0.3,
      evictions: 2,
      stampedesAvoided: 4,
      bytes: 700,
      entries: 7,
    },
  ])
})

test('what was not read has no ratio, and what was not reported no level', () => {
  const [held] = namespaceRows([[], [], [], [], [], [{ labels: shop, value: 7 }]])
  expect(held).toMatchObject({ reads: 0, hitRatio: null, entries: 7, bytes: null })
  expect(namespaceRows([])).toEqual([])
})
