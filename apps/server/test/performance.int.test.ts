import { defineCapability, type AnyCapability, type ScalePool } from '@millrace/core'
import { testDatabase, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { ADMIN_PASSWORD, controlPlane, type ControlPlane } from './fixtures/control-plane.ts'
import { capability as counter } from './fixtures/counter-capability.ts'

let database: TestDatabase
let bare: ControlPlane
let full: ControlPlane

/** Provides the ports that the performance surface asks for, over a pool kept in memory. */
const mill = (): AnyCapability => {
  const pool: ScalePool = { name: 'shop', desired: 1, ready: 1, min: 1, max: 4, instances: [] }
  return defineCapability({
    name: 'scaling',
    title: 'Scaling',
    summary: 'Scales a list.',
    config: z.object({}),
    metrics: {},
    actions: {},
    create: async ({ ports }) => {
      ports.provide('scaleTarget', {
        pools: async () => [structuredClone(pool)],
        scale: async (_name, instances) => {
          pool.desired = instances
          pool.ready = instances
          return structuredClone(pool)
        },
        restart: async () => structuredClone(pool),
      })
      ports.provide('alertReader', {
        list: async ({ from }) => [
          { id: 'a1', rule: 'cpu', severity: 'warning', state: 'firing', summary: 'CPU', since: from },
        ],
      })
      ports.provide('optimizer', {
        optimize: async ({ targets }) => ({ optimised: targets ?? 'everything' }),
      })
      ports.provide('metricReader', {
        range: async () => {
          throw new Error('not asked here')
        },
        latest: async ({ metric }) => [{ labels: { metric }, value: 1.5, at: 1 }],
        catalogue: async () => [],
      })
      return pool
    },
    health: async () => ({ state: 'healthy' as const, message: 'scales' }),
    overview: async () => ({ pools: [structuredClone(pool)] }),
    dispose: async () => undefined,
  })
}

beforeAll(async () => {
  database = await testDatabase()
  bare = await controlPlane({ databaseUrl: database.url, capabilities: [] })
  full = await controlPlane({ databaseUrl: await database.createDatabase(), capabilities: [counter, mill()] })
})
afterAll(async () => {
  await bare.stop()
  await full.stop()
  await database.stop()
})

test('every part of seed 004 without its capability answers 503 and names it', async () => {
  const parts: [string, string, string, unknown?][] = [
    ['GET', '/api/performance/optimization', 'optimization'],
    ['GET', '/api/performance/scaling', 'scaling'],
    ['GET', '/api/performance/cdn', 'cdn'],
    ['GET', '/api/performance/database', 'database'],
    ['GET', '/api/performance/metrics/realtime', 'monitoring'],
    ['GET', '/api/performance/alerts', 'monitoring'],
    ['GET', '/api/performance/reports', 'monitoring'],
    ['POST', '/api/performance/optimize', 'optimization', {}],
    ['POST', '/api/performance/scale', 'scaling', { instances: 2 }],
    ['GET', '/api/monitoring/range', 'monitoring'],
  ]
  for (const [method, url, capability, payload] of parts) {
    const response = await bare.call(method as 'GET', url, payload)
    expect([url, response.statusCode]).toEqual([url, 503])
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.json()).toMatchObject({ code: 'CAPABILITY_MISSING', capability })
  }
  const dashboard = await bare.call('GET', '/api/performance/dashboard')
  expect(dashboard.statusCode).toBe(200)
  expect(dashboard.json()).toMatchObject({
    parts: {},
    missing: [{ part: 'optimization' }, { part: 'scaling' }, { part: 'cdn' }, { part: 'database' }],
  })
  const settings = await bare.call('PUT', '/api/performance/settings', { 'x.y': 1 })
  expect(settings.json()).toMatchObject({
    status: 400,
    code: 'SERVER_SETTING_UNKNOWN',
    accepted: ['server.sessionHours', 'server.historyDays', 'server.anonymousRead'],
  })
})

test('the dashboard and the parts show what capabilities say of themselves', async () => {
  const dashboard = await full.call('GET', '/api/performance/dashboard')
  expect(dashboard.json()).toMatchObject({
    parts: {
      counter: { state: 'running', overview: { value: 0 } },
      scaling: { health: { state: 'healthy' }, overview: { pools: [{ name: 'shop', desired: 1 }] } },
    },
    missing: [{ part: 'optimization' }, { part: 'cdn' }, { part: 'database' }],
    openIncidents: 0,
  })
  expect((await full.call('GET', '/api/performance/scaling')).json()).toMatchObject({
    part: 'scaling',
    capability: 'scaling',
    overview: { pools: [{ name: 'shop' }] },
  })
  expect((await full.call('GET', '/api/performance/metrics/realtime')).json()).toMatchObject({
    windowMs: 60_000,
    metrics: { systemCpu: { metric: 'system_cpu_utilization_ratio', unit: '1', values: [{ value: 1.5 }] } },
  })
  expect((await full.call('GET', '/api/performance/alerts?from=1000&to=2000')).json()).toEqual({
    from: 1_000,
    to: 2_000,
    alerts: [{ id: 'a1', rule: 'cpu', severity: 'warning', state: 'firing', summary: 'CPU', since: 1_000 }],
  })
})

test('a report is JSON or CSV, by parameter or by Accept', async () => {
  const json = await full.call('GET', '/api/performance/reports?from=1&to=2')
  expect(json.json()).toMatchObject({
    from: 1,
    to: 2,
    rows: [
      { name: '=cmd()', value: 0 },
      { name: 'plain', value: null },
    ],
  })
  const csv = await full.call('GET', '/api/performance/reports?from=1&to=2&format=csv')
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(csv.headers['content-disposition']).toContain('performance-report.csv')
  expect(csv.body).toBe('name,value,note,from,to\r\n\'=cmd(),0,"a ""quoted"", cell",1,2\r\nplain,,,1,2\r\n')
  const accepted = await full.server.app.inject({
    url: '/api/performance/reports?from=1&to=2',
    headers: { accept: 'text/csv', authorization: 'Bearer control-token-of-the-tests' },
  })
  expect(accepted.body).toBe(csv.body)
  for (const range of ['from=2&to=1', 'from=1&to=1', 'from=0&to=99999999999999', 'from=x', 'format=xml']) {
    const refused = await full.call('GET', `/api/performance/reports?${range}`)
    expect(refused.json()).toMatchObject({ status: 400, code: 'SERVER_INPUT_INVALID' })
  }
})

test('scaling and optimising go through the ports and are audited', async () => {
  const scaled = await full.call('POST', '/api/performance/scale', { instances: 3 })
  expect(scaled.json()).toMatchObject({ pool: { name: 'shop', desired: 3, ready: 3 } })
  const optimised = await full.call('POST', '/api/performance/optimize', { targets: ['images'] })
  expect(optimised.json()).toMatchObject({ result: { optimised: ['images'] } })
  const { entries } = (await full.call('GET', '/api/audit?limit=2')).json<{ entries: unknown[] }>()
  expect(entries).toMatchObject([
    { action: 'performance.optimize', output: { optimised: ['images'] } },
    { action: 'performance.scale', input: { instances: 3 }, before: { desired: 1 }, after: { desired: 3 } },
  ])
  expect(
    (await full.call('POST', '/api/performance/scale', { pool: 'nope', instances: 1 })).json(),
  ).toMatchObject({
    status: 400,
    problems: [{ path: 'pool', message: 'must be one of: shop' }],
  })
  for (const instances of [-1, 1.5, 257, '3', null]) {
    expect((await full.call('POST', '/api/performance/scale', { instances })).statusCode).toBe(400)
  }
})

test('a setting changes while running, is audited, and is in force again after a restart', async () => {
  const databaseUrl = await database.createDatabase()
  const first = await controlPlane({ databaseUrl, config: { counter: { limit: 500 } } })
  try {
    const changed = await first.call('PUT', '/api/performance/settings', {
      'counter.step': 5,
      counter: { options: { even: true }, apiKey: 'new-secret-key' },
    })
    expect(changed.statusCode).toBe(200)
    expect(changed.body).not.toContain('new-secret-key')
    expect(changed.json<{ settings: unknown[] }>().settings).toContainEqual(
      expect.objectContaining({ path: 'counter.step', value: 5, configured: 1, stored: true }),
    )
    // The running capability uses it at once.
    expect((await first.call('POST', '/api/counter/actions/add', {})).json()).toMatchObject({
      result: { value: 5 },
    })
    const audit = await first.call('GET', '/api/audit?action=settings.update')
    expect(audit.body).not.toContain('new-secret-key')
    expect(audit.json<{ entries: unknown[] }>().entries[0]).toMatchObject({
      before: { 'counter.step': 1, 'counter.options.even': false },
      after: { 'counter.step': 5, 'counter.options.even': true },
    })
  } finally {
    await first.stop()
  }
  await using second = await controlPlane({ databaseUrl, config: { counter: { limit: 500 } } })
  expect((await second.call('POST', '/api/counter/actions/add', {})).json()).toMatchObject({
    result: { value: 10 },
  })
  const back = await second.call('PUT', '/api/performance/settings', { 'counter.step': null })
  expect(back.json<{ settings: unknown[] }>().settings).toContainEqual(
    expect.objectContaining({ path: 'counter.step', value: 1, stored: false }),
  )
})

test('the control plane’s own live settings are in force at once', async () => {
  const anonymous = () => full.server.app.inject('/api/runtime')
  expect((await anonymous()).statusCode).toBe(401)
  await full.call('PUT', '/api/performance/settings', { server: { anonymousRead: true, sessionHours: 1 } })
  expect((await anonymous()).statusCode).toBe(200)
  const login = await full.server.app.inject({
    method: 'POST',
    url: '/api/auth/login',
    payload: { username: 'admin', password: ADMIN_PASSWORD },
  })
  expect(login.cookies[0]?.maxAge).toBeLessThanOrEqual(3_600)
  await full.call('PUT', '/api/performance/settings', { server: { anonymousRead: null, sessionHours: null } })
  expect((await anonymous()).statusCode).toBe(401)
})

test('a wrong setting changes nothing at all', async () => {
  const put = (body: unknown) => full.call('PUT', '/api/performance/settings', body)
  expect((await put({ 'counter.step': 7, 'counter.limit': 'much' })).json()).toMatchObject({
    status: 400,
    code: 'SERVER_SETTING_INVALID',
  })
  expect((await put({ 'counter.step': 7, 'counter.label': 'x' })).json()).toMatchObject({
    code: 'SERVER_SETTING_UNKNOWN',
    paths: ['counter.label'],
    accepted: [
      'counter.step',
      'counter.limit',
      'counter.apiKey',
      'counter.options.even',
      'server.sessionHours',
      'server.historyDays',
      'server.anonymousRead',
    ],
  })
  for (const body of [{}, [], { counter: {} }, { '': 1 }, { counter: null }]) {
    expect((await put(body)).statusCode).toBe(400)
  }
  const { settings } = (await full.call('GET', '/api/performance/settings')).json<{
    settings: { stored: boolean }[]
  }>()
  expect(settings.every(({ stored }) => !stored)).toBe(true)
})

test('changes at the same moment follow one another', async () => {
  const puts = [3, 4, 5, 6].map((step) =>
    full.call('PUT', '/api/performance/settings', { 'counter.step': step }),
  )
  for (const response of await Promise.all(puts)) expect(response.statusCode).toBe(200)
  const { entries } = (await full.call('GET', '/api/audit?action=settings.update&limit=4')).json<{
    entries: { before: Record<string, number>; after: Record<string, number> }[]
  }>()
  for (let i = 0; i + 1 < entries.length; i++) expect(entries[i]?.before).toEqual(entries[i + 1]?.after)
  await full.call('PUT', '/api/performance/settings', { 'counter.step': null })
})

test('seed 000: actions by query and by body, for whoever declares the path', async () => {
  expect(
    (await full.call('GET', '/api/optimization/images?action=read&factor=2&tags=a,b&flag=true')).json(),
  ).toEqual({
    value: 0,
    tags: ['a', 'b'],
    flag: true,
  })
  const posted = await full.call('POST', '/api/optimization/images', { action: 'add', times: 2 })
  expect(posted.json()).toEqual({ value: 2 })
  const csv = await full.server.app.inject('/api/optimization/images?action=export&format=csv')
  expect(csv.statusCode).toBe(200)
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(csv.body).toBe('value\r\n2\r\n')
})

test('seed 000: what cannot be done says why', async () => {
  const expected: [string, string, number, Record<string, unknown>][] = [
    ['GET', '/api/optimization/cdn?action=config', 503, { code: 'CAPABILITY_MISSING', capability: 'cdn' }],
    ['GET', '/api/optimization/service-worker?action=status', 503, { capability: 'service-worker' }],
    ['GET', '/api/optimization/load-balancer?action=stats', 503, { capability: 'gateway' }],
    ['GET', '/api/optimization/performance?action=metrics&timeRange=24h', 503, { capability: 'monitoring' }],
    ['GET', '/api/optimization/nothing?action=x', 404, { code: 'SERVER_NOT_FOUND' }],
    ['GET', '/api/optimization/constructor?action=x', 404, { code: 'SERVER_NOT_FOUND' }],
    ['GET', '/api/optimization/images', 400, { code: 'SERVER_INPUT_INVALID' }],
    ['GET', '/api/optimization/images?action=constructor', 400, { code: 'SERVER_INPUT_INVALID' }],
    [
      'GET',
      '/api/optimization/images?action=add',
      405,
      { code: 'SERVER_METHOD_NOT_ALLOWED', allowed: ['POST'] },
    ],
    [
      'GET',
      '/api/optimization/images?action=read&factor=wide',
      400,
      { problems: [{ path: 'factor', message: 'must be a number' }] },
    ],
    ['GET', '/api/optimization/images?action=read&unknown=1', 400, { code: 'SERVER_INPUT_INVALID' }],
  ]
  for (const [method, url, status, problem] of expected) {
    const response = await full.call(method as 'GET', url)
    expect([url, response.statusCode]).toEqual([url, status])
    expect(response.json()).toMatchObject(problem)
  }
})
