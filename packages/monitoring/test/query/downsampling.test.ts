import { ExponentialHistogram, quantile } from '@millrace/core/metrics'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Aggregate, MetricKind } from '@millrace/core'
import { memoryService, point, START } from '../memory-service.ts'

/** Values at two-second slots from START on, by slot and series. */
const timeline = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<[number, number, Value][]> =>
  fc.uniqueArray(fc.tuple(fc.nat(220), fc.nat(2), value), {
    selector: ([slot, series]) => `${slot}/${series}`,
    maxLength: 120,
  })

const recorded = (values: readonly number[]): ExponentialHistogram => {
  const histogram = new ExponentialHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

async function filled<Value>(
  kind: MetricKind,
  events: readonly [number, number, Value][],
  toValue: (value: Value) => never,
) {
  const service = memoryService()
  await service.clock.advance(480_000)
  const ordered = events.toSorted(([a], [b]) => a - b)
  for (const [slot, series, value] of ordered) {
    service.writer.write([
      point(kind, START + slot * 2_000 + 700, toValue(value), { series: String(series) }),
    ])
  }
  const ask = async (aggregate: Aggregate, width: number, by: string[] = []) => {
    const metric = point(kind, 0, 0).name
    const query = { metric, aggregate, from: START, to: START + 480_000, width, by }
    const result = await service.reader.range(query)
    return { ...result, values: result.series[0]?.values ?? [], times: result.series[0]?.times ?? [] }
  }
  return { ...service, ask }
}

describe('downsampling', () => {
  it('keeps the total of a counter at every width and resolution', () =>
    fc.assert(
      fc.asyncProperty(timeline(fc.nat(1_000)), async (events) => {
        const { ask } = await filled('counter', events, (value) => value as never)
        const total = events.reduce((sum, [, , value]) => sum + value, 0)
        for (const width of [1, 2, 7, 40, 300]) {
          const { values, stepMs, resolution } = await ask('sum', width)
          expect(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(total)
          expect(resolution).toBe(stepMs < 60_000 ? 'raw' : stepMs < 3_600_000 ? '1m' : '1h')
        }
      }),
      { numRuns: 40 },
    ))

  it('shows a gap where there was nothing, and nothing else', () =>
    fc.assert(
      fc.asyncProperty(timeline(fc.nat(9)), async (events) => {
        const { ask } = await filled('counter', events, (value) => value as never)
        const { values, times, stepMs } = await ask('rate', 600)
        const present = new Set(events.map(([slot]) => Math.floor((START + slot * 2_000) / stepMs) * stepMs))
        for (const [i, time] of times.entries()) expect(values[i] !== null).toBe(present.has(time))
      }),
      { numRuns: 40 },
    ))

  it('computes rollups of a gauge as the raw samples would', () =>
    fc.assert(
      fc.asyncProperty(timeline(fc.integer({ min: -50, max: 50 })), async (events) => {
        const { ask } = await filled('gauge', events, (value) => value as never)
        const { times, values: lows, stepMs } = await ask('min', 8)
        expect(stepMs).toBeGreaterThanOrEqual(60_000)
        const highs = (await ask('max', 8)).values
        const means = (await ask('avg', 8)).values
        for (const [i, time] of times.entries()) {
          const inside = events.filter(
            ([slot]) => Math.floor((START + slot * 2_000) / stepMs) * stepMs === time,
          )
          const bySeries = Map.groupBy(inside, ([, series]) => series)
          const averages = [...bySeries.values()].map(
            (list) => list.reduce((sum, [, , value]) => sum + value, 0) / list.length,
          )
          const values = inside.map(([, , value]) => value)
          const empty = values.length === 0
          expect(lows[i]).toBe(empty ? null : Math.min(...values))
          expect(highs[i]).toBe(empty ? null : Math.max(...values))
          const mean = averages.reduce((a, b) => a + b, 0) / averages.length
          expect(means[i] ?? 1e9).toBeCloseTo(empty ? 1e9 : mean, 9)
        }
      }),
      { numRuns: 40 },
    ))

  it('takes percentiles from the merged histogram, over series and over time', () =>
    fc.assert(
      fc.asyncProperty(
        timeline(fc.array(fc.double({ min: 1e-4, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 })),
        async (events) => {
          const { ask } = await filled('histogram', events, (list) => recorded(list).snapshot() as never)
          for (const width of [8, 600]) {
            const { values, times, stepMs } = await ask('p95', width)
            for (const [i, time] of times.entries()) {
              const all = events
                .filter(([slot]) => Math.floor((START + slot * 2_000) / stepMs) * stepMs === time)
                .flatMap(([, , list]) => list)
              expect(values[i]).toBe(quantile(recorded(all).snapshot(), 0.95) ?? null)
            }
          }
        },
      ),
      { numRuns: 25 },
    ))

  it('gives the lines of `by` that add up to the whole', () =>
    fc.assert(
      fc.asyncProperty(timeline(fc.nat(100)), async (events) => {
        const { ask } = await filled('counter', events, (value) => value as never)
        const whole = (await ask('sum', 20)).values
        const { series } = await ask('sum', 20, ['series'])
        for (const [i, value] of whole.entries()) {
          const parts = series.map(({ values }) => values[i] ?? null).filter((part) => part !== null)
          expect(parts.length === 0 ? null : parts.reduce((a, b) => a + b, 0)).toBe(value)
        }
      }),
      { numRuns: 40 },
    ))
})

describe('the edge of now', () => {
  it('judges the running step by the part of it that has passed, and shows nothing beyond', async () => {
    const { clock, writer, reader } = memoryService()
    for (let i = 0; i < 100; i++) {
      await clock.advance(2_000)
      writer.write([point('counter', clock.now(), 20)])
    }
    const to = clock.now()
    for (const width of [4, 10, 600]) {
      const query = {
        metric: 'n_total',
        aggregate: 'rate' as const,
        from: to - 120_000,
        to: to + 600_000,
        width: width * 6,
      }
      const { series } = await reader.range(query)
      const { values, times } = series[0]!
      expect(times.at(-1)).toBeLessThan(to)
      expect(values.at(-1)).toBeGreaterThan(9)
      expect(values.at(-1)).toBeLessThan(12)
    }
  })

  it('refuses an aggregate that the kind does not have, naming those it has', async () => {
    const { writer, reader } = memoryService()
    writer.write([point('gauge', START, 1)])
    const query = { metric: 'level', from: START - 1, to: START + 1 }
    await expect(reader.range({ ...query, aggregate: 'p99' })).rejects.toMatchObject({
      code: 'MONITORING_AGGREGATE_INVALID',
      details: { accepted: ['avg', 'min', 'max', 'last', 'sum'] },
    })
    expect((await reader.range({ ...query, metric: 'unknown', aggregate: 'p99' })).series).toEqual([])
  })
})
