import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHttpCache } from '@millrace/cache/http-cache'
import { createLogger, silentLogger } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { createGateway } from '@millrace/gateway'
import { Fixture } from '@millrace/gateway/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'

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

it('what became of each request is in the access log and in the metrics', async () => {
  const registry = new MetricRegistry()
  const port = await fixture.backend((req, res) => {
    if (req.method === 'POST') res.writeHead(204).end()
    else if (req.url === '/private') res.writeHead(200, { 'cache-control': 'no-store' }).end('12345')
    else res.writeHead(200, { 'cache-control': 'max-age=60' }).end('12345')
  })
  const accessLog = createLogger({ destination: join(dir, 'log') })
  const httpCache = await createHttpCache({}, { instance: 'test', logger: silentLogger, registry })
  await fixture.start(port, { registry, httpCache, accessLog })
  for (const path of ['/', '/', '/private']) await fixture.ask(path)
  await fixture.ask('/other', { method: 'POST', body: 'x' })
  const lines = (): { cache?: string; path: string; backend?: string; bytes: number }[] =>
    readFileSync(join(dir, 'log'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { cache?: string; path: string; bytes: number })
  await expect.poll(() => lines().length, { timeout: 10_000 }).toBe(4)
  expect(lines().map(({ path, cache, backend }) => `${path} ${cache} ${backend}`)).toEqual([
    '/ miss app/1',
    '/ hit undefined',
    '/private miss app/1',
    '/other bypass app/1',
  ])
  expect(lines()[1]!.bytes).toBe(5)
  const collected = new Map(registry.collect().map((metric) => [metric.name, metric.series]))
  expect(collected.get('millrace_gateway_cache_requests_total')).toEqual([
    { labels: { pool: 'app', status: 'miss' }, value: 2 },
    { labels: { pool: 'app', status: 'hit' }, value: 1 },
    { labels: { pool: 'app', status: 'bypass' }, value: 1 },
  ])
  expect(collected.get('millrace_gateway_cache_response_bytes_total')).toEqual([
    { labels: { pool: 'app' }, value: 5 },
  ])
  expect(collected.get('millrace_gateway_cache_entries')).toEqual([{ labels: {}, value: 1 }])
})
