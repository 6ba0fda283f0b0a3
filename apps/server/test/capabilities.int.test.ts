import { defineCapability, type AnyCapability } from '@millrace/core'
import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { controlPlane, type ControlPlane } from './fixtures/control-plane.ts'
import { capability as counter, type Counter } from './fixtures/counter-capability.ts'

let database: TestDatabase
let plane: ControlPlane

const broken = defineCapability({
  name: 'broken',
  title: 'Broken',
  summary: 'Never starts.',
  config: z.object({}),
  metrics: {},
  actions: {},
  routes: [],
  create: async () => {
    throw new Error('no wheel')
  },
  health: async () => ({ state: 'healthy' as const, message: 'never asked' }),
  dispose: async () => undefined,
})

beforeAll(async () => {
  database = await testDatabase()
  plane = await controlPlane({
    databaseUrl: database.url,
    capabilities: [counter, broken as AnyCapability],
    config: { counter: { limit: 50, apiKey: 'very-secret-key' } },
    origins: { 'counter.limit': 'file', 'counter.apiKey': 'env:COUNTER_KEY' },
  })
})
afterAll(async () => {
  await plane.stop()
  await database.stop()
})

test('the manifest says all that a screen needs, and no secret', async () => {
  const response = await plane.call('GET', '/api/capabilities')
  expect(response.body).not.toContain('very-secret-key')
  const { capabilities } = response.json<{ capabilities: Record<string, unknown>[] }>()
  const found = capabilities.find(({ name }) => name === 'counter')
  expect(found).toMatchObject({
    title: 'Counter',
    state: 'running',
    health: { state: 'healthy', message: 'counts' },
    config: {
      values: { step: 1, limit: 50, apiKey: '[redacted]' },
      origins: { 'counter.limit': 'file' },
      live: ['counter.step', 'counter.limit', 'counter.apiKey', 'counter.options.even'],
    },
    metrics: [{ name: 'millrace_counter_increments_total', kind: 'counter', labels: ['by'] }],
    routes: [
      { path: '/api/counter/values/:name', role: 'viewer' },
      { path: '/api/counter/secrets', role: 'administrator' },
    ],
  })
  expect(found?.['actions']).toContainEqual(
    expect.objectContaining({
      name: 'add',
      effect: 'write',
      undoable: false,
      inputSchema: expect.objectContaining({
        properties: expect.objectContaining({ times: expect.anything() }),
      }),
    }),
  )
})

test('a capability that cannot start is reported, and the rest runs', async () => {
  const { capabilities } = (await plane.call('GET', '/api/capabilities')).json<{
    capabilities: { name: string; state: string; error?: { message: string } }[]
  }>()
  expect(capabilities.find(({ name }) => name === 'broken')).toMatchObject({
    state: 'failed',
    error: { message: 'no wheel' },
    health: { state: 'failed', message: 'no wheel' },
  })
  const ready = await plane.call('GET', '/health/ready')
  expect(ready.statusCode).toBe(200)
  expect(ready.json()).toMatchObject({ status: 'degraded' })
})

test('an action runs, drops what it did not declare, and is audited with what was before and after', async () => {
  const response = await plane.call('POST', '/api/counter/actions/add', { times: 3, token: 'a-secret-token' })
  expect(response.statusCode).toBe(200)
  const outcome = response.json<{ result: unknown; durationMs: number; auditId: string }>()
  expect(outcome.result).toEqual({ value: 3 })
  expect(outcome.durationMs).toBeGreaterThan(0)
  const audit = await plane.call('GET', '/api/audit?limit=1')
  expect(audit.body).not.toContain('a-secret-token')
  expect(audit.json<{ entries: unknown[] }>().entries[0]).toMatchObject({
    id: outcome.auditId,
    actor: { kind: 'token', name: 'control', role: 'administrator' },
    action: 'counter.add',
    outcome: 'ok',
    input: { times: 3, token: '[redacted]' },
    output: { value: 3 },
    before: { value: 0 },
    after: { value: 3 },
    address: '127.0.0.1',
  })
})

test('a failing action answers with its own error and is audited as failed', async () => {
  const { rows } = await database.pool.query<{ value: number }>('select value from counter.value')
  await database.pool.query('update counter.value set value = 50')
  const response = await plane.call('POST', '/api/counter/actions/add', {})
  expect(response.statusCode).toBe(409)
  expect(response.headers['content-type']).toBe('application/problem+json')
  expect(response.json()).toMatchObject({ code: 'COUNTER_LIMIT_REACHED', limit: 50 })
  const audit = await plane.call('GET', '/api/audit?limit=1')
  expect(audit.json<{ entries: unknown[] }>().entries[0]).toMatchObject({
    outcome: 'failed',
    error: { code: 'COUNTER_LIMIT_REACHED' },
  })
  await database.pool.query('update counter.value set value = $1', [rows[0]?.value])
})

test('reading is not audited', async () => {
  const before = (await plane.call('GET', '/api/audit?limit=1')).json<{ entries: { id: string }[] }>()
  await plane.call('POST', '/api/counter/actions/read', {})
  const after = (await plane.call('GET', '/api/audit?limit=1')).json<{ entries: { id: string }[] }>()
  expect(after).toEqual(before)
})

test('wrong input names each field; no body at all is an empty input', async () => {
  const wrong = await plane.call('POST', '/api/counter/actions/add', { times: 99, other: 1 })
  expect(wrong.statusCode).toBe(400)
  expect(wrong.json()).toMatchObject({
    code: 'SERVER_INPUT_INVALID',
    problems: [{ path: 'times' }, { path: '' }],
  })
  expect((await plane.call('POST', '/api/counter/actions/read')).statusCode).toBe(200)
})

test('unknown actions and capabilities are told apart', async () => {
  expect((await plane.call('POST', '/api/counter/actions/nope', {})).json()).toMatchObject({
    status: 404,
    code: 'SERVER_ACTION_UNKNOWN',
    accepted: ['add', 'reset', 'read', 'export', 'echo', 'wrong'],
  })
  expect((await plane.call('POST', '/api/wheel/actions/turn', {})).json()).toMatchObject({
    status: 503,
    code: 'CAPABILITY_MISSING',
    capability: 'wheel',
  })
  expect((await plane.call('POST', '/api/broken/actions/turn', {})).json()).toMatchObject({
    status: 503,
    code: 'CAPABILITY_FAILED',
  })
  for (const name of ['constructor', '__proto__', 'toString']) {
    expect((await plane.call('POST', `/api/counter/actions/${name}`, {})).statusCode).toBe(404)
  }
})

test('an action that breaks its own schema is our fault, and the details stay inside', async () => {
  const response = await plane.call('POST', '/api/counter/actions/wrong', {})
  expect(response.statusCode).toBe(500)
  expect(response.json()).toMatchObject({ code: 'SERVER_OUTPUT_INVALID' })
  expect(response.body).not.toContain('1.5')
})

test('a route parses its parameters and answers only what it declared', async () => {
  await database.pool.query('update counter.value set value = 7')
  const response = await plane.call('GET', '/api/counter/values/abc?times=3')
  expect(response.json()).toEqual({ name: 'abc', value: 21 })
  expect((await plane.call('GET', '/api/counter/values/abc?times=zero')).json()).toMatchObject({
    status: 400,
    code: 'SERVER_INPUT_INVALID',
    problems: [{ path: 'times' }],
  })
})

test('recommendations of all capabilities are one list', async () => {
  const response = await plane.call('GET', '/api/recommendations')
  expect(response.json()).toMatchObject({
    recommendations: [{ capability: 'counter', id: 'counter-low' }],
    failed: [],
  })
})

test('the OpenAPI document is valid 3.1, contains every action and route, and needs no sign-in', async () => {
  const response = await plane.server.app.inject('/api/openapi.json')
  const document = response.json<{ openapi: string; paths: Record<string, Record<string, unknown>> }>()
  expect(document.openapi).toBe('3.1.0')
  const validator = new Validator()
  const outcome = await validator.validate(document)
  expect(outcome.errors ?? []).toEqual([])
  expect(outcome.valid).toBe(true)
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      '/api/auth/login',
      '/api/capabilities',
      '/api/counter/actions/add',
      '/api/counter/values/{name}',
      '/api/optimization/{path}',
      '/api/performance/dashboard',
      '/api/performance/optimization',
      '/api/performance/scaling',
      '/api/performance/cdn',
      '/api/performance/database',
      '/api/performance/metrics/realtime',
      '/api/performance/alerts',
      '/api/performance/reports',
      '/api/performance/optimize',
      '/api/performance/scale',
      '/api/performance/settings',
      '/health/ready',
      '/metrics',
      '/v1/metrics',
    ]),
  )
})

test('/metrics has our names and those of seed 002', async () => {
  const local = await plane.server.app.inject({ url: '/metrics', headers: { host: '127.0.0.1:4100' } })
  expect(local.statusCode).toBe(200)
  for (const name of [
    'service_uptime_seconds',
    'http_requests_total',
    'http_requests_errors_total',
    'http_request_duration_avg_ms',
    'http_request_error_rate_percent',
    'process_memory_heap_bytes',
    'process_memory_rss_bytes',
    'system_memory_usage_percent',
    'system_cpu_count',
    'system_load_average_1m',
    'millrace_server_request_duration_seconds_bucket',
    'millrace_counter_increments_total{by="3"} 3',
    'nodejs_eventloop_utilization_ratio',
  ]) {
    expect(local.body).toMatch(new RegExp(`^${name.replaceAll(/[{}"]/g, '\\$&')}`, 'm'))
  }
  const open = await plane.server.app.inject({
    url: '/metrics',
    headers: { host: 'localhost', accept: 'application/openmetrics-text' },
  })
  expect(open.body.endsWith('# EOF\n')).toBe(true)
  for (const headers of [{ host: 'evil.example' }, { host: 'localhost', 'x-forwarded-for': '203.0.113.9' }]) {
    expect((await plane.server.app.inject({ url: '/metrics', headers })).statusCode).toBe(401)
  }
})

test('a health check that hangs costs five seconds at most and fails only its own capability', async () => {
  let service: Counter | undefined
  const create = async (context: Parameters<typeof counter.create>[0]): Promise<Counter> =>
    (service = (await counter.create(context)) as Counter)
  const watched = { ...counter, create }
  await using slow = await controlPlane({
    databaseUrl: await database.createDatabase(),
    capabilities: [watched],
  })
  expect((await slow.call('GET', '/health/ready')).json()).toMatchObject({ status: 'ready' })
  if (service !== undefined) service.slow = true
  const ready = await waitFor(
    async () => {
      const answer = await slow.call('GET', '/health/ready')
      return answer.json<{ status: string }>().status === 'degraded' && answer
    },
    { deadlineMs: 15_000 },
  )
  const checks = ready.json<{
    checks: { name: string; state: string; latencyMs: number; message: string }[]
  }>().checks
  expect(checks).toMatchObject([
    { name: 'database', state: 'healthy' },
    { name: 'counter', state: 'failed' },
  ])
  expect(checks[1]?.latencyMs).toBeGreaterThanOrEqual(4_990)
  expect(checks[1]?.latencyMs).toBeLessThan(6_000)
}, 30_000)
