import { createLogger } from '@millrace/core'
import { describe, expect, it, vi } from 'vitest'
import { MAX_LATENESS_MS } from '../../src/storage/tiers.ts'
import { memoryService, point, START } from '../memory-service.ts'

const histogram = { count: 3, sum: 1, zeroCount: 1, offset: -8, buckets: [1, 1] }

describe('the writer', () => {
  it('refuses NaN, steps back, broken histograms and bad names, and takes the rest', () => {
    const { writer, rejections } = memoryService()
    const result = writer.write([
      point('counter', START, NaN),
      point('counter', START, -1),
      point('gauge', START, Infinity),
      point('gauge', NaN, 1),
      point('counter', START, 1, {}, 'not a name'),
      point('histogram', START, { ...histogram, count: 4 }),
      point('histogram', START, { ...histogram, buckets: [1.5, 0.5] }),
      point('histogram', START, { ...histogram, offset: 100_000 }),
      point('histogram', START, 3),
      point('gauge', START, histogram),
      point('gauge', START, -5),
      point('counter', START, 0),
      point('histogram', START, histogram),
    ])
    expect(result).toEqual({ accepted: 3, rejected: 10 })
    expect(rejections()).toEqual({ invalid: 10 })
  })

  it('refuses a metric that changes its kind', () => {
    const { writer, rejections } = memoryService()
    writer.write([point('gauge', START, 1, {}, 'x'), point('counter', START, 1, {}, 'x')])
    expect(rejections()).toEqual({ kind: 1 })
  })

  it('refuses what is too old or too far ahead, and takes a clock that is a little ahead as now', async () => {
    const { writer, rejections, reader, clock } = memoryService()
    const result = writer.write([
      point('gauge', START - MAX_LATENESS_MS - 1, 1),
      point('gauge', START + 60_001, 1),
      point('gauge', START + 30_000, 7),
    ])
    expect(result.accepted).toBe(1)
    expect(rejections()).toEqual({ late: 1, future: 1 })
    await clock.advance(4_000)
    expect(await reader.latest({ metric: 'level', aggregate: 'last' })).toEqual([
      { labels: {}, value: 7, at: START + 2_000 },
    ])
  })

  it('goes on after the wall clock was set back', async () => {
    const { writer, reader, clock, rejections } = memoryService()
    for (let i = 0; i < 100; i++) {
      writer.write([point('counter', clock.now(), 1)])
      await clock.advance(2_000)
    }
    clock.jump(-3_600_000)
    for (let i = 0; i < 10; i++) {
      writer.write([point('counter', clock.now(), 5)])
      await clock.advance(2_000)
    }
    expect(rejections()).toEqual({})
    const to = clock.now()
    const { series } = await reader.range({
      metric: 'n_total',
      aggregate: 'sum',
      from: to - 20_000,
      to,
      width: 10,
    })
    const values = series[0]!.values.filter((value) => value !== null)
    expect(new Set(values)).toEqual(new Set([5]))
    expect(values.length).toBeGreaterThanOrEqual(9)
  })

  it('bounds the series of a metric, counts what it refuses and warns once', () => {
    const warn = vi.fn<(...args: unknown[]) => void>()
    const logger = { ...createLogger({ level: 'silent' }), warn }
    const { writer, rejections, index } = memoryService({ maxSeriesPerMetric: 10 }, logger as never)
    for (let i = 0; i < 30; i++) writer.write([point('counter', START, 1, { user: String(i) })])
    writer.write([point('counter', START, 1, { user: '3' }), point('gauge', START, 1)])
    expect(index.countOf('n_total')).toBe(10)
    expect(index.countOf('level')).toBe(1)
    expect(rejections()).toEqual({ cardinality: 20 })
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]![0]).toMatchObject({ metric: 'n_total', maxSeriesPerMetric: 10 })
  })

  it('refuses new series when memory is full, and goes on with those it has', () => {
    const { writer, rejections, index } = memoryService({ memory: { maxBytes: 1_048_576 } })
    for (let i = 0; i < 400; i++) writer.write([point('gauge', START, 1, { i: String(i) })])
    expect(index.bytes()).toBeLessThan(1_048_576 + 20_000)
    expect(rejections()['memory']).toBeGreaterThan(0)
    expect(writer.write([point('gauge', START, 2, { i: '0' })]).accepted).toBe(1)
  })

  it('leaves out the families that are switched off, and everything when disabled', () => {
    const off = memoryService({ metrics: { cpu: false, api: false } })
    const names = ['process_cpu_seconds_total', 'http_server_request_total', 'n_total']
    const points = names.map((name) => point('counter', START, 1, {}, name))
    expect(off.writer.write(points)).toEqual({ accepted: 1, rejected: 2 })
    expect(memoryService({ enabled: false }).writer.write(points).accepted).toBe(0)
  })
})
