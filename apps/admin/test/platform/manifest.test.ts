import { describe, expect, test } from 'vitest'
import { buildMetric } from '../../src/platform/build-metric.ts'
import { chartOf, MAX_LINES, metricTitle } from '../../src/platform/capability-metrics.ts'
import { flatten, humanise, measure, showValue } from '../../src/platform/flatten.ts'

describe('a capability nobody wrote a screen for', () => {
  test('gets titles from its metric names', () => {
    expect(metricTitle('millrace_cache_load_duration_seconds', 'cache')).toBe('Load duration')
    expect(metricTitle('millrace_service_worker_hits_total', 'service-worker')).toBe('Hits')
    expect(metricTitle('millrace_cache_size_bytes', 'cache')).toBe('Size')
  })

  test('gets a chart per kind of metric', () => {
    const metric = { name: 'millrace_x_y', unit: 's', help: 'h', labels: ['pool'] }
    expect(chartOf({ ...metric, kind: 'histogram' }, 'x').specs.map(({ aggregate }) => aggregate)).toEqual([
      'p50',
      'p95',
      'p99',
    ])
    expect(chartOf({ ...metric, kind: 'counter', unit: 'By' }, 'x')).toMatchObject({
      unit: 'By/s',
      specs: [{ aggregate: 'rate', by: ['pool'] }],
    })
    expect(chartOf({ ...metric, kind: 'gauge', unit: '1' }, 'x').specs[0]?.aggregate).toBe('sum')
    expect(
      chartOf({ ...metric, kind: 'gauge', unit: '1', name: 'millrace_x_hit_ratio' }, 'x').specs[0]?.aggregate,
    ).toBe('avg')
  })

  test('keeps the largest lines when there are too many', () => {
    const series = Array.from({ length: 30 }, (_, index) => ({
      labels: { pool: `p${index}` },
      times: [0],
      values: [index],
    }))
    const result = {
      metric: 'm',
      aggregate: 'rate' as const,
      unit: '1',
      stepMs: 1,
      resolution: 'raw' as const,
      series,
    }
    const data = buildMetric({ window: { from: 0, to: 1 }, results: [result] }, 'light')
    expect(data.series).toHaveLength(MAX_LINES)
    expect(data.series.map(({ label }) => label)).toContain('p29')
    expect(data.series.map(({ label }) => label)).not.toContain('p0')
  })
})

describe('configuration as rows', () => {
  test('leaves have their paths; lists stay whole', () => {
    expect(flatten({ a: { b: 1, c: [1, 2] }, d: {} })).toEqual([
      { path: 'a.b', value: 1 },
      { path: 'a.c', value: [1, 2] },
      { path: 'd', value: {} },
    ])
    expect(flatten(null)).toEqual([])
  })

  test('values and names in words', () => {
    expect(showValue(undefined)).toBe('not set')
    expect(showValue('')).toBe('""')
    expect(showValue([1])).toBe('[1]')
    expect(humanise('hitRatio')).toBe('Hit ratio')
    expect(humanise('storage.bytes')).toBe('Storage bytes')
  })

  test.each([
    ['requests.p95Seconds', 0.0043, { label: 'Requests p95', text: '4.3 ms' }],
    ['windowMs', 300_000, { label: 'Window', text: '5 min' }],
    ['system.memoryUsedBytes', 2_147_483_648, { label: 'System memory used', text: '2 GiB' }],
    ['bytes', 2_048, { label: 'Bytes', text: '2 KiB' }],
    ['cache.hitRatio', 0.452, { label: 'Cache hit ratio', text: '45.2%' }],
    ['requests.ratePerSecond', 46.3, { label: 'Requests rate', text: '46.3 /s' }],
    ['entries', 12_345, { label: 'Entries', text: '12,345' }],
  ])('%s reads its unit from its name', (path, value, expected) => {
    expect(measure(path, value)).toEqual(expected)
  })
})
