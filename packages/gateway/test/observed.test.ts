import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@millrace/core'
import { MetricRegistry, type ExponentialHistogram } from '@millrace/core/metrics'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway } from '../src/index.ts'
import { Fixture } from '../src/testing/index.ts'

describe('what the gateway records', () => {
  let fixture: Fixture
  let dir: string
  beforeEach(() => {
    fixture = new Fixture(createGateway)
    dir = mkdtempSync(join(tmpdir(), 'millrace-gateway-'))
  })
  afterEach(async () => {
    await fixture.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const logger = () => createLogger({ destination: join(dir, 'log') })
  const lines = async (): Promise<string[]> => {
    const read = (): string => readFileSync(join(dir, 'log'), 'utf8')
    await expect.poll(read).toMatch(/\n$/)
    return read().trim().split('\n')
  }

  it('metrics per pool, method and status, under the names everybody agreed on', async () => {
    const registry = new MetricRegistry()
    const port = await fixture.backend((req, res) => {
      if (req.url === '/dies') res.destroy()
      else res.writeHead(req.url === '/missing' ? 404 : 200).end('12345')
    })
    await fixture.start(port, { registry })
    await fixture.ask('/')
    await fixture.ask('/missing')
    await fixture.ask('/', { method: 'PURGE' })
    await fixture.ask('/dies', { method: 'POST', body: 'x' })
    const collected = new Map(registry.collect().map((metric) => [metric.name, metric.series]))
    await expect
      .poll(
        () => registry.collect().find(({ name }) => name === 'millrace_gateway_requests_in_flight')!.series,
      )
      .toEqual([{ labels: { pool: 'app' }, value: 0 }])
    const counts = collected
      .get('millrace_gateway_request_duration_seconds')!
      .map(
        ({ labels, value }) =>
          `${labels.pool} ${labels.method} ${labels.status} ${(value as ExponentialHistogram).count}`,
      )
    expect(counts.sort()).toEqual(['app GET 200 1', 'app GET 404 1', 'app POST 502 1', 'app other 200 1'])
    expect(collected.get('millrace_gateway_response_bytes_total')).toEqual([
      { labels: { pool: 'app' }, value: 15 },
    ])
    expect(collected.get('millrace_gateway_upstream_errors_total')).toEqual([
      { labels: { pool: 'app', reason: 'reset' }, value: 1 },
    ])
    expect([...collected.keys()]).toEqual(
      expect.arrayContaining([
        'millrace_gateway_retries_total',
        'millrace_gateway_connections',
        'millrace_gateway_backends',
      ]),
    )
  })

  it('one line per request in the access log, without the query', async () => {
    const port = await fixture.backend((_req, res) => res.end('12345'))
    await fixture.start(port, { accessLog: logger() })
    await fixture.ask('/cart?token=secret', { headers: { 'user-agent': 'test', host: 'shop.example' } })
    const [line = ''] = await lines()
    expect(JSON.parse(line)).toMatchObject({
      method: 'GET',
      host: 'shop.example',
      path: '/cart',
      status: 200,
      bytes: 5,
      pool: 'app',
      backend: 'app/1',
      attempts: 1,
      userAgent: 'test',
    })
    expect(line).not.toContain('secret')
  })

  it('one line of log for a backend that fails many requests', async () => {
    const port = await fixture.rawBackend((socket) => socket.on('data', () => socket.destroy()))
    await fixture.start(port, { logger: logger() })
    for (let i = 0; i < 5; i++) await fixture.ask('/', { method: 'POST', body: 'x' })
    const reported = await lines()
    expect(reported).toHaveLength(1)
    expect(JSON.parse(reported[0]!)).toMatchObject({ backend: 'app/1', reason: 'reset', failures: 1 })
  })

  it('an error page says nothing a visitor wrote', async () => {
    await fixture.start(await fixture.closedPort(), { timeouts: { queueMs: 50 } })
    const { text } = await fixture.ask('/<script>', {
      headers: { accept: 'text/html', 'x-request-id': '<b>' },
    })
    expect(text).toContain('<!doctype html>')
    expect(text).not.toContain('<script>')
    expect(text).not.toContain('<b>')
  })
})
