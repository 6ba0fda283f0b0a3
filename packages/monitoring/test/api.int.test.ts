import { createTestContext, testDatabase, type TestContext, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { capability } from '../src/capability.ts'
import type { MonitoringService } from '../src/service.ts'
import { report } from './stored-service.ts'

let database: TestDatabase
// oxlint-disable-next-line typescript/no-explicit-any -- what heterogeneous collections of capabilities hold as well
let test: TestContext<any, any>
let service: MonitoringService
beforeAll(async () => {
  database = await testDatabase()
  test = await createTestContext(capability, { databaseUrl: database.url })
  service = await capability.create(test.context)
})
afterAll(async () => {
  await capability.dispose(service)
  await test.close()
  await database.stop()
})

const get = async (path: string, text: Record<string, string> = {}): Promise<unknown> => {
  const route = capability.routes!.find((candidate) => candidate.path === path)!
  const query = route.query?.parse(text)
  const actor = { kind: 'user', name: 'test', role: 'viewer' } as const
  const answer = await route.handler(
    service as never,
    { params: undefined, query, actor, signal: test.context.signal } as never,
  )
  return route.response.parse(answer)
}

const act = async (name: keyof typeof capability.actions, input: unknown): Promise<unknown> => {
  const action = capability.actions[name]!
  const context = {
    actor: { kind: 'user', name: 'test', role: 'viewer' },
    logger: test.context.logger,
    signal: test.context.signal,
    progress: () => undefined,
  }
  const output = await action.run(service as never, action.input.parse(input) as never, context as never)
  return action.output.parse(output)
}

describe('routes', () => {
  it('answer text parameters: relative times, groups and label filters', async () => {
    const now = Date.now()
    service.writer.write([...report(now - 10_000, 3), ...report(now - 8_000, 3)])
    const query = {
      metric: 'n_total',
      aggregate: 'sum',
      from: '-1m',
      to: 'now',
      by: 'series',
      'where.series': '!2',
    }
    const { series, resolution } = (await get('/range', query)) as {
      series: { labels: object; values: (number | null)[] }[]
      resolution: string
    }
    expect(resolution).toBe('raw')
    expect(series.map(({ labels }) => labels)).toEqual([{ series: '0' }, { series: '1' }])
    expect(series[0]!.values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(20)
    expect(await get('/latest', { metric: 'level', aggregate: 'sum' })).toMatchObject({
      values: [{ value: 303 }],
    })
    const { metrics } = (await get('/catalogue')) as { metrics: { name: string }[] }
    expect(metrics.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['n_total', 'system_memory_used_bytes']),
    )
    expect(await get('/overview')).toMatchObject({ source: null, requests: { total: null } })
  })

  it('refuse bad times, widths and patterns with a typed error', async () => {
    const query = { metric: 'n_total', aggregate: 'sum' }
    await expect(get('/range', { ...query, from: 'soon' })).rejects.toMatchObject({
      code: 'MONITORING_TIME_INVALID',
    })
    await expect(get('/range', { ...query, from: 'now', to: '-1h' })).rejects.toMatchObject({ status: 400 })
    await expect(get('/range', { ...query, 'where.a': '~(' })).rejects.toMatchObject({ status: 400 })
    await expect(get('/range', { ...query, width: '5000' })).rejects.toThrow(/4000/)
  })
})

describe('actions', () => {
  it('summarise, export and recommend', async () => {
    expect(await act('metrics', { timeRange: '15m' })).toMatchObject({
      system: { load1: expect.any(Number) },
    })
    expect(await act('export', { timeRange: '15m', format: 'csv' })).toMatch(/^time,/)
    expect(await act('export', {})).toMatchObject({ rows: expect.any(Array) })
    expect(await act('recommendations', {})).toMatchObject({ recommendations: expect.any(Array) })
    expect(await act('flush', {})).toEqual({ stored: true })
  })

  it('say what is missing where nothing is measured', async () => {
    await expect(act('slow-queries', {})).rejects.toMatchObject({
      code: 'MONITORING_NOT_MEASURED',
      message: expect.stringContaining('@millrace/node'),
    })
  })
})
