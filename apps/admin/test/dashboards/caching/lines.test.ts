import type { RangeResult } from '@millrace/core'
import { expect, test } from 'vitest'
import {
  buildLevels,
  buildNamespaceRatios,
  buildReads,
  buildSpared,
  buildTierRatios,
} from '../../../src/dashboards/performance/caching/lines.ts'

const window = { from: 10_000, to: 20_000 }

const result = (label: string, values: Record<string, (number | null)[]>): RangeResult => ({
  metric: 'millrace_cache_hits_total',
  aggregate: 'rate',
  unit: '1',
  stepMs: 2_000,
  resolution: 'raw',
  series: Object.entries(values).map(([name, line]) => ({
    labels: label === '' ? {} : { [label]: name },
    times: line.map((_, index) => index * 2_000),
    values: line,
  })),
})

const lines = (data: { series: { label: string; values: (number | null)[] }[] }) =>
  Object.fromEntries(data.series.map(({ label, values }) => [label, values]))

test('a tier is measured on the reads that came as far as it', () => {
  const results = [result('tier', { memory: [60, 0], shared: [30, 0] }), result('', { all: [10, 0] })]
  expect(lines(buildTierRatios({ window, results }, 'light'))).toEqual({
    memory: [0.6, null],
    Redis: [0.75, null],
    'all tiers': [0.9, null],
  })
})

test('one tier alone is the whole, and no tier at all is still a ratio', () => {
  const alone = [result('tier', { memory: [1] }), result('', { all: [1] })]
  expect(lines(buildTierRatios({ window, results: alone }, 'light'))).toEqual({ memory: [0.5] })
  const cold = [result('tier', {}), result('', { all: [4] })]
  expect(lines(buildTierRatios({ window, results: cold }, 'light'))).toEqual({ 'all tiers': [0] })
})

test('reads are told apart by who answered', () => {
  const results = [result('tier', { memory: [5], shared: [2] }), result('', { all: [3] })]
  expect(lines(buildReads({ window, results }, 'dark'))).toEqual({
    'from memory': [5],
    'from Redis': [2],
    missed: [3],
  })
})

test('of many namespaces the most read ones are drawn, in the order of their names', () => {
  const names = Array.from({ length: 12 }, (_, index) => `N${index}`)
  const hits = result('namespace', Object.fromEntries(names.map((name, index) => [name, [index]])))
  const misses = result('namespace', Object.fromEntries(names.map((name) => [name, [1]])))
  const { series } = buildNamespaceRatios({ window, results: [hits, misses] }, 'light')
  expect(series.map(({ label }) => label)).toEqual(['N5', 'N6', 'N7', 'N8', 'N9', 'N10', 'N11'])
  expect(series[0]!.values).toEqual([5 / 6])
})

test('the limit is drawn once it is near', () => {
  const used = result('namespace', { A: [30], B: [30] })
  const far = buildLevels({ window, results: [used, result('', { all: [1_000] })] }, 'light')
  expect(Object.keys(lines(far))).toEqual(['A', 'B'])
  const near = buildLevels({ window, results: [used, result('', { all: [100] })] }, 'light')
  expect(lines(near)).toEqual({ A: [30], B: [30], limit: [100] })
})

test('compared, each line has its past in the same colour', () => {
  const results = [result('', { all: [1] }), result('', {}), result('', {})]
  const { series } = buildSpared({ window, results, previous: results }, 'light')
  expect(series.map(({ label, compare }) => [label, compare ?? false])).toEqual([
    ['waited for a load under way', false],
    ['waited for a load under way before', true],
  ])
  expect(series[0]!.color).toBe(series[1]!.color)
})
