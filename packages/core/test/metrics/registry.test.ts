import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createInstruments,
  ExponentialHistogram,
  MAX_SERIES_PER_METRIC,
  metricName,
  MetricRegistry,
} from '../../src/metrics/index.ts'

const options = { name: 'x_total', help: 'X', unit: '1' } as const

/** Series of the only metric, as `label values → value`. */
function seriesOf(registry: MetricRegistry): Record<string, number> {
  const [metric] = registry.collect()
  return Object.fromEntries(
    metric!.series.map(({ labels, value }) => [
      Object.values(labels).join('|'),
      value instanceof ExponentialHistogram ? value.count : value,
    ]),
  )
}

describe('MetricRegistry', () => {
  it('counts per label combination, bound or not', () => {
    const registry = new MetricRegistry()
    const counter = registry.counter({ ...options, labels: ['pool', 'status'] })
    const bound = counter.with({ pool: 'web', status: '200' })
    bound.add()
    bound.add(2)
    counter.with({ status: '200', pool: 'web' }).add()
    counter.with({ pool: 'web', status: '500' }).add()
    expect(seriesOf(registry)).toEqual({ 'web|200': 4, 'web|500': 1 })
  })

  it('ends a series, and begins it anew when it is used again', () => {
    const registry = new MetricRegistry()
    const gauge = registry.gauge({ name: 'x', help: 'X', unit: '1', labels: ['key'] })
    const bound = gauge.with({ key: 'a' })
    bound.set(1)
    gauge.with({ key: 'b' }).set(2)
    gauge.remove({ key: 'a' })
    gauge.remove({ key: 'never there' })
    bound.set(3)
    expect(seriesOf(registry)).toEqual({ b: 2 })
    gauge.with({ key: 'a' }).set(4)
    expect(seriesOf(registry)).toEqual({ b: 2, a: 4 })
  })

  it('has room again after a series was ended', () => {
    const registry = new MetricRegistry()
    const gauge = registry.gauge({ name: 'x', help: 'X', unit: '1', labels: ['key'] })
    for (let i = 0; i < MAX_SERIES_PER_METRIC; i++) gauge.with({ key: String(i) }).set(i)
    gauge.remove({ key: '0' })
    gauge.with({ key: 'new' }).set(1)
    expect(seriesOf(registry)).toMatchObject({ new: 1 })
    expect(seriesOf(registry)).not.toHaveProperty('true')
  })

  it('keeps any two different label values apart', () => {
    const value = fc.string({ unit: fc.constantFrom('a', '1', ':', '\u0000', '|'), maxLength: 5 })
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(value, value), { selector: (pair) => JSON.stringify(pair) }),
        (pairs) => {
          const registry = new MetricRegistry()
          const counter = registry.counter({ ...options, labels: ['a', 'b'] })
          for (const [a, b] of pairs) counter.with({ a, b }).add()
          const series = registry.collect()[0]!.series
          expect(series.map(({ labels }) => [labels['a'], labels['b']])).toEqual(pairs)
        },
      ),
    )
  })

  it('reads an observed gauge at each collection', () => {
    const registry = new MetricRegistry()
    let value = 1
    const gauge = registry.gauge({ ...options, labels: ['kind'] })
    gauge.observe(() => value, { kind: 'observed' })
    const set = gauge.with({ kind: 'set' })
    set.set(5)
    set.add(-2)
    expect(seriesOf(registry)).toEqual({ observed: 1, set: 3 })
    value = 7
    expect(seriesOf(registry)).toEqual({ observed: 7, set: 3 })
  })

  it('gives the same series to whoever asks for a name again, and refuses another kind', () => {
    const registry = new MetricRegistry()
    registry.counter(options).add()
    registry.counter(options).add()
    expect(seriesOf(registry)).toEqual({ '': 2 })
    expect(() => registry.gauge(options)).toThrow('x_total is registered as a counter')
  })

  it('bounds the number of series, and counts what is beyond as overflow', () => {
    const registry = new MetricRegistry()
    const histogram = registry.histogram({ ...options, labels: ['path'] })
    for (let i = 0; i < MAX_SERIES_PER_METRIC + 100; i++) histogram.with({ path: `/${i}` }).record(1)
    const { series } = registry.collect()[0]!
    expect(series).toHaveLength(MAX_SERIES_PER_METRIC + 1)
    expect(series.at(-1)).toMatchObject({ labels: { overflow: 'true' }, value: { count: 100 } })
  })
})

describe('createInstruments', () => {
  it('names metrics by capability, key, unit and kind', () => {
    const declare = (kind: 'counter' | 'gauge' | 'histogram', unit: string) => ({ kind, unit, help: 'h' })
    expect(metricName('cache', 'hits', declare('counter', '1'))).toBe('millrace_cache_hits_total')
    expect(metricName('service-worker', 'loadDuration', declare('histogram', 's'))).toBe(
      'millrace_service_worker_load_duration_seconds',
    )
    expect(metricName('cache', 'sentBytes', declare('counter', 'By'))).toBe(
      'millrace_cache_sent_bytes_bytes_total',
    )
    expect(metricName('cache', 'used', declare('gauge', 'By'))).toBe('millrace_cache_used_bytes')
  })

  it('makes one instrument per declaration, in the registry', () => {
    const registry = new MetricRegistry()
    const { hits, size, load } = createInstruments(registry, 'cache', {
      hits: { kind: 'counter', unit: '1', help: 'Hits', labels: ['tier'] },
      size: { kind: 'gauge', unit: 'By', help: 'Size' },
      load: { kind: 'histogram', unit: 's', help: 'Load' },
    })
    hits.with({ tier: 'l1' }).add()
    size.set(3)
    load.record(0.1)
    expect(registry.collect().map(({ name, kind, unit }) => [name, kind, unit])).toEqual([
      ['millrace_cache_hits_total', 'counter', '1'],
      ['millrace_cache_size_bytes', 'gauge', 'By'],
      ['millrace_cache_load_seconds', 'histogram', 's'],
    ])
  })
})
