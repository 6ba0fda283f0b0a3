import { describe, expect, it } from 'vitest'
import { MetricRegistry, toPrometheus } from '../../src/metrics/index.ts'

describe('toPrometheus', () => {
  it('writes counters and gauges with escaped labels and extra labels', () => {
    const registry = new MetricRegistry()
    registry
      .counter({ name: 'jobs_total', help: 'Jobs\nby \\ name', unit: '1', labels: ['name'] })
      .with({ name: 'a"b\\c\nd' })
      .add(2)
    registry.gauge({ name: 'depth', help: 'Depth "now"', unit: '1' }).set(Infinity)
    expect(toPrometheus(registry.collect(), { service: 'shop' })).toBe(
      [
        '# HELP jobs_total Jobs\\nby \\\\ name',
        '# TYPE jobs_total counter',
        'jobs_total{service="shop",name="a\\"b\\\\c\\nd"} 2',
        '# HELP depth Depth "now"',
        '# TYPE depth gauge',
        'depth{service="shop"} +Inf',
        '',
      ].join('\n'),
    )
  })

  it('names counter families without _total, escapes quotes in HELP and ends with EOF in OpenMetrics', () => {
    const registry = new MetricRegistry()
    registry.counter({ name: 'jobs_total', help: 'The "jobs"', unit: '1' }).add()
    expect(toPrometheus(registry.collect(), {}, { openMetrics: true })).toBe(
      '# HELP jobs The \\"jobs\\"\n# TYPE jobs counter\njobs_total 1\n# EOF\n',
    )
  })

  it('exposes histograms as cumulative buckets whose bounds are exact powers of two', () => {
    const registry = new MetricRegistry()
    const histogram = registry.histogram({ name: 'size_bytes', help: 'Size', unit: 'By' })
    for (const value of [0, 1, 1.5, 2, 2.0001, 1024]) histogram.record(value)
    const text = toPrometheus(registry.collect())
    expect(text).toContain('size_bytes_bucket{le="1"} 2\n')
    expect(text).toContain('size_bytes_bucket{le="2"} 4\n')
    expect(text).toContain('size_bytes_bucket{le="4"} 5\n')
    expect(text).toContain('size_bytes_bucket{le="1024"} 6\n')
    expect(text).toContain('size_bytes_bucket{le="+Inf"} 6\n')
    expect(text).toContain('size_bytes_sum 1030.5001\nsize_bytes_count 6\n')
  })

  it('keeps the set of buckets of a latency stable from the first observation on', () => {
    const registry = new MetricRegistry()
    const histogram = registry.histogram({ name: 'wait_seconds', help: 'Wait', unit: 's' })
    histogram.record(0.004)
    const bounds = (text: string): string[] => [...text.matchAll(/le="([^"]+)"/g)].map((match) => match[1]!)
    const before = bounds(toPrometheus(registry.collect()))
    histogram.record(3)
    expect(bounds(toPrometheus(registry.collect()))).toEqual(before)
  })
})
