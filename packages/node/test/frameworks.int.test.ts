import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, Receiver } from './receiver.ts'

let receiver: Receiver
beforeEach(async () => (receiver = await Receiver.start()))
afterEach(() => receiver.close())

const get = async (url: string, headers: Record<string, string> = {}): Promise<number> => {
  const response = await fetch(url, { headers })
  await response.text()
  return response.status
}

// json-server brings Express 4 to the root of the tree; this package has Express 5.
const express4 = createRequire(new URL('../../../package.json', import.meta.url)).resolve('express')

describe.each([
  ['Express 5, ESM', 'express.mjs', {}],
  ['Express 5, CommonJS', 'express.cjs', {}],
  ['Express 4, CommonJS', 'express.cjs', { EXPRESS: express4 }],
])('%s', (_title, file, environment) => {
  it('is measured by route pattern, errors and unknown paths included', async () => {
    const app = receiver.app(file, { ...environment, NODE_ENV: 'test' })
    const url = await app.url()
    const paths = ['/', '/products/1', '/products/2', '/shops/nike/orders', '/shops/puma/orders/7']
    for (const path of [...paths, '/shops/puma/orders/7/fail', '/wp-login.php']) await get(url + path)
    const requests = await eventually(() => receiver.requests()['GET unmatched 404'] && receiver.requests())
    expect(requests).toEqual({
      'GET / 200': 1,
      'GET /products/:id 200': 2,
      'GET /shops/:shop/orders 200': 1,
      'GET /shops/:shop/orders/:order 200': 1,
      'GET /shops/:shop/orders/:order/fail 500': 1,
      'GET unmatched 404': 1,
    })
  })
})

describe.each([
  ['ESM', 'fastify.mjs'],
  ['CommonJS', 'fastify.cjs'],
])('Fastify 5, %s', (_title, file) => {
  it('is measured by route pattern, refused and unknown requests included', async () => {
    const url = await receiver.app(file).url()
    for (const path of ['/', '/products/1', '/products/2', '/shops/nike/orders/7', '/nothing'])
      await get(url + path)
    expect(await get(`${url}/products/3`, { 'x-refuse': '1' })).toBe(401)
    const requests = await eventually(
      () => receiver.requests()['GET /products/:id 401'] && receiver.requests(),
    )
    expect(requests).toEqual({
      'GET / 200': 1,
      'GET /products/:id 200': 2,
      'GET /shops/:shop/orders/:order 200': 1,
      'GET unmatched 404': 1,
      'GET /products/:id 401': 1,
    })
  })
})

describe.each([
  ['ESM', 'http.mjs'],
  ['CommonJS', 'http.cjs'],
])('plain http, %s', (_title, file) => {
  it('is measured by normalised path, with aborted requests and without event streams', async () => {
    const url = await receiver.app(file).url()
    for (const path of ['/users/17', '/users/18?x=1', '/app-3fa9.js', '/missing/1']) await get(url + path)
    await fetch(`${url}/hang`, { signal: AbortSignal.timeout(100) }).catch(() => {})
    const aborter = new AbortController()
    const events = await fetch(`${url}/events`, {
      headers: { accept: 'text/event-stream' },
      signal: aborter.signal,
    })
    expect(events.status).toBe(200)
    const active = (): unknown =>
      receiver.points.findLast(({ name }) => name === 'http_server_active_requests')?.value
    await eventually(() => active() === 1)
    await eventually(() => receiver.requests()['GET /hang 499'])
    aborter.abort()
    await eventually(() => active() === 0)
    expect(receiver.requests()).toEqual({
      'GET /users/:id 200': 2,
      'GET /*.js 200': 1,
      'GET unmatched 404': 1,
      'GET /hang 499': 1,
    })
  })
})

describe('the runtime', () => {
  it('reports event loop, CPU, memory and garbage collection with service and instance', async () => {
    const app = receiver.app('http.mjs')
    await app.url()
    await eventually(
      () => receiver.points.filter(({ name }) => name === 'process_cpu_seconds_total').length >= 2,
    )
    expect([...receiver.names()]).toEqual(
      expect.arrayContaining([
        'nodejs_eventloop_delay_p50_seconds',
        'nodejs_eventloop_delay_p99_seconds',
        'nodejs_eventloop_utilization_ratio',
        'process_resident_memory_bytes',
        'nodejs_heap_used_bytes',
        'nodejs_heap_total_bytes',
      ]),
    )
    expect(receiver.points[0]!.labels).toMatchObject({ service: 'shop', instance: 'shop/1' })
    const values = (metric: string): number[] =>
      receiver.points.filter(({ name }) => name === metric).map(({ value }) => value as number)
    expect(values('process_resident_memory_bytes')[0]).toBeGreaterThan(2e7)
    // An idle loop is not late, although Node's own histogram would say 20 ms.
    expect(Math.min(...values('nodejs_eventloop_delay_p50_seconds'))).toBeLessThan(0.01)
    expect(app.errors).toBe('')
  })
})
