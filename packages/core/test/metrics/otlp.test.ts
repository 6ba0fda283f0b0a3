import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistogramDelta } from '../../src/index.ts'
import {
  DeltaTracker,
  decodeOtlp,
  encodeOtlp,
  MetricRegistry,
  OTLP_LIMITS,
  prometheusName,
} from '../../src/metrics/index.ts'

const resource = { service: 'shop', instance: 'shop/1' }
const text = (key: string, value: string): object => ({ key, value: { stringValue: value } })
const request = (metrics: unknown, scope = 'other'): object => ({
  resourceMetrics: [
    {
      resource: { attributes: [text('service.name', 'shop'), text('service.instance.id', 'i1')] },
      scopeMetrics: [{ scope: { name: scope }, metrics }],
    },
  ],
})
const at = 1_700_000_000_000
const nano = (ms: number): string => `${ms}000000`

describe('encodeOtlp and decodeOtlp', () => {
  it('carries every delta of a registry without loss', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: 1e-5, max: 1e5, noNaN: true })), { maxLength: 5 }),
        (rounds) => {
          const registry = new MetricRegistry()
          const counter = registry.counter({ name: 'n_total', help: '', unit: '1', labels: ['k'] })
          const histogram = registry.histogram({ name: 'h_seconds', help: '', unit: 's' })
          let previous: ReturnType<typeof encodeOtlp>['snapshot'] | undefined
          for (const [i, round] of rounds.entries()) {
            for (const value of round) {
              histogram.record(value)
              counter.with({ k: 'x' }).add(value)
            }
            const encoded = encodeOtlp({ source: registry, previous, resource, at: at + i * 2_000 })
            previous = encoded.snapshot
            const { points, rejected } = decodeOtlp(JSON.parse(encoded.body))
            expect(rejected).toBe(0)
            const found = points.find((point) => point.kind === 'histogram')
            expect(found?.value ?? { count: 0 }).toMatchObject({ count: round.length })
            const sum = points.find((point) => point.kind === 'counter')?.value as number | undefined
            expect(sum ?? 0).toBeCloseTo(
              round.reduce((a, b) => a + b, 0),
              4,
            )
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('sends service and instance as labels and our names unchanged', () => {
    const registry = new MetricRegistry()
    registry.gauge({ name: 'http_server_active_requests', help: '', unit: '1' }).set(3)
    const { body } = encodeOtlp({ source: registry, previous: undefined, resource, at })
    expect(decodeOtlp(JSON.parse(body)).points).toEqual([
      {
        name: 'http_server_active_requests',
        kind: 'gauge',
        unit: '1',
        labels: { service: 'shop', instance: 'shop/1' },
        at,
        value: 3,
      },
    ])
  })
})

describe('foreign OTLP', () => {
  const cumulative = (value: number, time: number, start = at): object => ({
    name: 'http.client.requests',
    unit: '{request}',
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [
        {
          attributes: [text('http.route', '/a')],
          startTimeUnixNano: nano(start),
          timeUnixNano: nano(time),
          asInt: String(value),
        },
      ],
    },
  })

  it('turns cumulative sums into deltas, also over a restart of the sender', () => {
    const tracker = new DeltaTracker({ since: at - 1 })
    const values = [cumulative(5, at + 10), cumulative(8, at + 20), cumulative(2, at + 40, at + 30)].map(
      (metric) => decodeOtlp(request([metric]), { tracker }).points[0]?.value,
    )
    expect(values).toEqual([5, 3, 2])
  })

  it('takes the first total of an older sender as its baseline only', () => {
    const tracker = new DeltaTracker({ since: at + 5 })
    expect(decodeOtlp(request([cumulative(100, at + 10)]), { tracker })).toEqual({ points: [], rejected: 0 })
    const { points } = decodeOtlp(request([cumulative(101, at + 20)]), { tracker })
    expect(points).toMatchObject([
      { name: 'http_client_requests_total', value: 1, labels: { http_route: '/a', service: 'shop' } },
    ])
  })

  it('ignores a repeated point and forgets the least recent series beyond its bound', () => {
    const tracker = new DeltaTracker({ since: at - 1, maxSeries: 1 })
    const labels = { a: '1' }
    const point = { startedAt: at, at: at + 10, value: 5 }
    expect(tracker.delta('n', labels, point)).toBe(5)
    expect(tracker.delta('n', labels, point)).toBeUndefined()
    tracker.delta('other', labels, point)
    expect(tracker.size).toBe(1)
  })

  it('converts explicit histograms, summaries and up-down sums', () => {
    const dataPoint = { timeUnixNano: nano(at) }
    const { points, rejected } = decodeOtlp(
      request([
        {
          name: 'latency',
          unit: 'ms',
          histogram: {
            aggregationTemporality: 1,
            dataPoints: [
              { ...dataPoint, bucketCounts: ['1', 2, 0], explicitBounds: [5, 10], count: 3, sum: 20 },
            ],
          },
        },
        {
          name: 'rpc',
          unit: 's',
          summary: {
            dataPoints: [{ ...dataPoint, count: '4', sum: 2, quantileValues: [{ quantile: 0.5, value: 1 }] }],
          },
        },
        {
          name: 'queue',
          unit: '1',
          sum: { aggregationTemporality: 2, dataPoints: [{ ...dataPoint, asInt: 7 }] },
        },
      ]),
    )
    expect(rejected).toBe(0)
    expect(points.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'latency_milliseconds histogram',
      'rpc_seconds_count gauge',
      'rpc_seconds_sum gauge',
      'rpc_seconds gauge',
      'queue_ratio gauge',
    ])
    expect(points[0]!.value).toMatchObject({ count: 3, sum: 20 })
    expect(points[3]!.labels).toMatchObject({ quantile: '0.5' })
  })

  it.each([
    ['request.count', '{request}', 'counter', 'request_count_total'],
    ['process.memory', 'By', 'gauge', 'process_memory_bytes'],
    ['io', 'By/s', 'gauge', 'io_bytes_per_second'],
    ['cpu.utilization', '1', 'gauge', 'cpu_utilization_ratio'],
    ['9lives', '', 'gauge', '_9lives'],
    ['jobs_total', '1', 'counter', 'jobs_total'],
  ] as const)('names %s in %s (%s) %s', (name, unit, kind, expected) => {
    expect(prometheusName(name, unit, kind)).toBe(expected)
  })
})

describe('hostile OTLP', () => {
  it('never throws and never returns a point that is not finite', () => {
    const json = fc.json({ maxDepth: 6 }).map((value) => JSON.parse(value) as unknown)
    const metric = fc.record(
      {
        name: fc.oneof(fc.string(), json),
        unit: fc.oneof(fc.string(), json),
        sum: fc.oneof(
          json,
          fc.record({ isMonotonic: json, aggregationTemporality: json, dataPoints: fc.array(json) }),
        ),
        gauge: json,
        exponentialHistogram: fc.record({
          dataPoints: fc.array(fc.record({ scale: json, positive: json, attributes: json, zeroCount: json })),
        }),
        histogram: fc.record({
          dataPoints: fc.array(fc.record({ bucketCounts: json, explicitBounds: json })),
        }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          json,
          fc.array(metric).map((metrics) => request(metrics)),
        ),
        (body) => {
          for (const { value } of decodeOtlp(body, { tracker: new DeltaTracker() }).points) {
            expect(Number.isFinite(typeof value === 'number' ? value : value.count)).toBe(true)
          }
        },
      ),
    )
  })

  it('holds the limits on points, labels, lengths, buckets and scale', () => {
    const gauge = (dataPoints: object[]): object => request([{ name: 'g', gauge: { dataPoints } }])
    const many = decodeOtlp(gauge(Array.from({ length: OTLP_LIMITS.points + 3 }, () => ({ asDouble: 1 }))))
    expect(many.points).toHaveLength(OTLP_LIMITS.points)
    expect(many.rejected).toBe(3)
    const attributes = Array.from({ length: 100 }, (_, i) => text(`k${i}`, 'v'.repeat(1_000)))
    const { labels } = decodeOtlp(gauge([{ asDouble: 1, attributes }])).points[0]!
    expect(Object.keys(labels)).toHaveLength(OTLP_LIMITS.labels + 2)
    expect(labels['k0']).toHaveLength(OTLP_LIMITS.labelValueLength)
    const long = decodeOtlp(request([{ name: 'n'.repeat(201), gauge: { dataPoints: [{ asDouble: 1 }] } }]))
    expect(long).toEqual({ points: [], rejected: 1 })
    const exponential = (point: object): unknown =>
      decodeOtlp(
        request([{ name: 'e', exponentialHistogram: { aggregationTemporality: 1, dataPoints: [point] } }]),
      )
    expect(exponential({ scale: 1e9, positive: { bucketCounts: [1] } })).toMatchObject({ rejected: 1 })
    expect(
      exponential({ scale: 3, positive: { offset: 0, bucketCounts: Array(5_000).fill(1) } }),
    ).toMatchObject({
      rejected: 1,
    })
    const far = decodeOtlp(
      request([
        {
          name: 'e',
          exponentialHistogram: {
            aggregationTemporality: 1,
            dataPoints: [{ scale: -10, positive: { offset: 2_000_000_000, bucketCounts: [1, 1] } }],
          },
        },
      ]),
    ).points[0]!.value as HistogramDelta
    expect(far.buckets.length).toBeLessThanOrEqual(512)
  })

  it('lets no attribute pass for another service', () => {
    const attributes = [text('service', 'admin'), text('__proto__', 'x')]
    const { labels } = decodeOtlp(
      request([{ name: 'g', gauge: { dataPoints: [{ asDouble: 1, attributes }] } }]),
    ).points[0]!
    expect(labels).toEqual({ service: 'shop', instance: 'i1', proto_: 'x' })
  })
})
