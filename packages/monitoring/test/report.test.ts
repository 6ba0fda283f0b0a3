import { ExponentialHistogram } from '@millrace/core/metrics'
import { describe, expect, it } from 'vitest'
import { slowGroups } from '../src/report/diagnosis.ts'
import { createReporter, reportCsv } from '../src/report/reporter.ts'
import { summarize } from '../src/report/summary.ts'
import { memoryService, point, START } from './memory-service.ts'

const recorded = (...values: number[]) => {
  const histogram = new ExponentialHistogram()
  for (const value of values) histogram.record(value)
  return histogram.snapshot()
}

/** Four minutes of traffic: 10 requests per two seconds, one in ten fails, and the panel's own beside it. */
async function busy() {
  const service = memoryService()
  const { clock, writer } = service
  for (let i = 0; i < 120; i++) {
    await clock.advance(2_000)
    const at = clock.now() - 1_000
    const gateway = (pool: string, status: string, count: number) =>
      point(
        'histogram',
        at,
        recorded(...Array.from({ length: count }, () => 0.1)),
        { pool, status },
        'millrace_gateway_request_duration_seconds',
      )
    writer.write([
      gateway('web', '200', 9),
      gateway('web', '503', 1),
      gateway('control-plane', '200', 50),
      point('gauge', at, 0.25, {}, 'system_cpu_utilization_ratio'),
      point('gauge', at, 3e9, {}, 'system_memory_used_bytes'),
      point('gauge', at, 4e9, {}, 'system_memory_total_bytes'),
      point('counter', at, 3, { namespace: 'A', tier: 'memory' }, 'millrace_cache_hits_total'),
      point('counter', at, 1, { namespace: 'A' }, 'millrace_cache_misses_total'),
      point('histogram', at, recorded(0.5), { operation: 'SELECT' }, 'db_client_operation_duration_seconds'),
      point(
        'histogram',
        at,
        recorded(0.01, 0.02),
        { operation: 'INSERT' },
        'db_client_operation_duration_seconds',
      ),
    ])
  }
  await clock.advance(1_000)
  return { ...service, range: { from: START, to: clock.now() } }
}

describe('the summary', () => {
  it('is computed from what was stored, without the panel’s own requests', async () => {
    const { reader, range } = await busy()
    const summary = await summarize(reader, range)
    expect(summary).toMatchObject({
      source: 'gateway',
      requests: { total: 1_200, errorRatio: 0.1 },
      system: { cpuRatio: 0.25, memoryRatio: 0.75, load1: null },
      cache: { hitRatio: 0.75 },
    })
    expect(summary.requests.ratePerSecond).toBeCloseTo(5, 1)
    expect(summary.requests.p95Seconds! / 0.1).toBeCloseTo(1, 0)
  })

  it('says null where nothing was recorded', async () => {
    const { reader } = memoryService()
    const summary = await summarize(reader, { from: START - 60_000, to: START })
    expect(summary.source).toBeNull()
    expect(JSON.stringify(summary)).not.toMatch(/:\d/)
  })

  it('reads the application where there is no gateway', async () => {
    const { reader, writer, clock } = memoryService()
    writer.write([
      point('histogram', START, recorded(0.2), { status: '200' }, 'http_server_request_duration_seconds'),
    ])
    await clock.advance(5_000)
    const summary = await summarize(reader, { from: START - 60_000, to: clock.now() })
    expect(summary).toMatchObject({ source: 'application', requests: { total: 1, errorRatio: 0 } })
  })
})

describe('slow groups', () => {
  it('are sorted by percentile, with calls and mean', async () => {
    const { reader, range } = await busy()
    const groups = await slowGroups(reader, range, 'db_client_operation_duration_seconds', ['operation'])
    expect(groups.map(({ labels, calls }) => [labels['operation'], calls])).toEqual([
      ['SELECT', 120],
      ['INSERT', 240],
    ])
    expect(groups[1]!.meanSeconds).toBeCloseTo(0.015, 6)
  })
})

describe('the report', () => {
  it('has the same columns in every row, and null where nothing was', async () => {
    const { reader, range } = await busy()
    const rows = await createReporter(reader).report(range)
    expect(rows.length).toBeGreaterThan(20)
    expect(new Set(rows.map((row) => Object.keys(row).join())).size).toBe(1)
    expect(rows[1]).toMatchObject({ requestsPerSecond: 5, errorsPerSecond: 0.5, applicationSecondsP95: null })
    const csv = reportCsv(rows).split('\r\n')
    expect(csv).toHaveLength(rows.length + 2)
    expect(csv[0]).toMatch(/^time,requestsPerSecond,/)
    expect(csv[2]!.split(',')).toHaveLength(csv[0]!.split(',').length)
  })
})
