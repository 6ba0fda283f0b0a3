import { defineCapability, type MetricPoint } from '@millrace/core'
import { encodeOtlp, MetricRegistry } from '@millrace/core/metrics'
import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { CONTROL_TOKEN, controlPlane, TELEMETRY_TOKEN, type ControlPlane } from './fixtures/control-plane.ts'

let database: TestDatabase
let plane: ControlPlane
const stored: MetricPoint[] = []

/** Keeps points in a list and refuses those whose name begins with `bad`. */
const store = defineCapability({
  name: 'list',
  title: 'List',
  summary: 'Keeps metrics in a list.',
  config: z.object({}),
  metrics: {},
  actions: {},
  create: async ({ ports }) => {
    ports.provide('metricWriter', {
      write: (points) => {
        const accepted = points.filter(({ name }) => !name.startsWith('bad'))
        stored.push(...accepted)
        return { accepted: accepted.length, rejected: points.length - accepted.length }
      },
    })
    return stored
  },
  health: async () => ({ state: 'healthy' as const, message: 'keeps' }),
  dispose: async () => undefined,
})

beforeAll(async () => {
  database = await testDatabase()
  plane = await controlPlane({ databaseUrl: database.url, capabilities: [store] })
})
afterAll(async () => {
  await plane.stop()
  await database.stop()
})

const push = (payload: string) =>
  plane.server.app.inject({
    method: 'POST',
    url: '/v1/metrics',
    headers: { authorization: `Bearer ${TELEMETRY_TOKEN}`, 'content-type': 'application/json' },
    payload,
  })

test('what a process of ours sends arrives with its service and instance', async () => {
  const registry = new MetricRegistry()
  registry
    .counter({ name: 'shop_orders_total', help: 'Orders.', unit: '1', labels: ['kind'] })
    .with({ kind: 'x' })
    .add(3)
  registry.histogram({ name: 'shop_time_seconds', help: 'Time.', unit: 's' }).record(0.2)
  const resource = { service: 'shop', instance: 'shop/1' }
  const { body } = encodeOtlp({ source: registry, previous: undefined, resource, at: Date.now() })
  const response = await push(body)
  expect(response.statusCode).toBe(200)
  expect(response.json()).toEqual({})
  expect(stored.find(({ name }) => name === 'shop_orders_total')).toMatchObject({
    value: 3,
    kind: 'counter',
    labels: { service: 'shop', instance: 'shop/1', kind: 'x' },
  })
  expect(stored.find(({ name }) => name === 'shop_time_seconds')).toMatchObject({ value: { count: 1 } })
})

test('points that are refused are counted in the answer, as OTLP wants it', async () => {
  const registry = new MetricRegistry()
  registry.gauge({ name: 'bad_gauge', help: 'Bad.', unit: '1' }).set(1)
  const resource = { service: 'shop', instance: 'shop/1' }
  const { body } = encodeOtlp({ source: registry, previous: undefined, resource, at: Date.now() })
  expect((await push(body)).json()).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } })
  for (const wrong of ['{}', '[]', 'null', '{"resourceMetrics":[{"scopeMetrics":7}]}']) {
    expect((await push(wrong)).statusCode).toBe(200)
  }
  expect((await push('{')).statusCode).toBe(400)
})

test('the control plane’s own metrics go the same way', async () => {
  await plane.call('GET', '/api/runtime')
  const own = await waitFor(() =>
    stored.find(
      ({ name, labels, value }) =>
        name === 'millrace_server_request_duration_seconds' &&
        labels['route'] === '/api/runtime' &&
        typeof value === 'object' &&
        value.count > 0,
    ),
  )
  expect(own.labels).toMatchObject({ service: 'control-plane', method: 'GET', status: '200' })
  expect(stored.some(({ name }) => name === 'process_resident_memory_bytes')).toBe(true)
})

test('a live stream does not count as a slow answer', async () => {
  const aborter = new AbortController()
  const response = await fetch(`${plane.url}/api/events`, {
    headers: { authorization: `Bearer ${CONTROL_TOKEN}` },
    signal: aborter.signal,
  })
  expect(response.status).toBe(200)
  aborter.abort()
  const scrape = async () =>
    (await plane.server.app.inject({ url: '/metrics', headers: { host: 'localhost' } })).body
  await waitFor(async () => /^millrace_server_event_clients 0$/m.test(await scrape()))
  expect(await scrape()).not.toContain('route="/api/events"')
})

test('what could not start is not said to be missing', async () => {
  const broken = {
    ...store,
    name: 'monitoring',
    create: async () => Promise.reject(new Error('no memory left')),
  }
  await using other = await controlPlane({
    databaseUrl: await database.createDatabase(),
    capabilities: [broken],
  })
  const pushed = await other.server.app.inject({
    method: 'POST',
    url: '/v1/metrics',
    headers: { authorization: `Bearer ${TELEMETRY_TOKEN}` },
    payload: {},
  })
  for (const response of [pushed, await other.call('GET', '/api/performance/reports')]) {
    expect(response.json()).toMatchObject({
      status: 503,
      code: 'CAPABILITY_FAILED',
      capability: 'monitoring',
      reason: 'no memory left',
    })
  }
})
