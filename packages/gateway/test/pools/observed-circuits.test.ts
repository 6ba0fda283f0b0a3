import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@millrace/core'
import { MetricRegistry, type CollectedSeries } from '@millrace/core/metrics'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture, onePool } from '../../src/testing/index.ts'

const BREAKER = { errorRatio: 0.5, minRequests: 4, windowMs: 5_000, openMs: 60_000, steps: [100] }

describe('failing backends and limits, as they are seen', () => {
  let fixture: Fixture
  let dir: string
  let registry: MetricRegistry
  beforeEach(() => {
    fixture = new Fixture(createGateway)
    registry = new MetricRegistry()
    dir = mkdtempSync(join(tmpdir(), 'millrace-gateway-'))
  })
  afterEach(async () => {
    await fixture.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const series = (name: string): CollectedSeries[] =>
    registry.collect().find((metric) => metric.name === `millrace_gateway_${name}`)?.series ?? []
  const lines = (): Record<string, unknown>[] =>
    readFileSync(join(dir, 'log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const options = () => ({ registry, logger: createLogger({ destination: join(dir, 'log') }) })

  it('a circuit that opens: a gauge per backend, a counter, one line; gone with the backend', async () => {
    const broken = await fixture.backend((_req, res) => res.writeHead(500).end())
    const sound = await fixture.backend((_req, res) => res.end())
    const { routes, pools } = onePool([broken, sound])
    const pool = { ...pools[0]!, breaker: BREAKER }
    await fixture.start({ routes, pools: [pool] }, options())
    expect(series('circuit_state').map(({ value }) => value)).toEqual([0, 0])
    for (let i = 0; i < 12; i++) await fixture.ask('/')
    expect(series('circuit_state')).toEqual([
      { labels: { pool: 'app', backend: 'app/1' }, value: 2 },
      { labels: { pool: 'app', backend: 'app/2' }, value: 0 },
    ])
    expect(series('circuit_transitions_total')).toEqual([{ labels: { pool: 'app', to: 'open' }, value: 1 }])
    await expect
      .poll(lines)
      .toEqual([expect.objectContaining({ pool: 'app', backend: 'app/1', state: 'open', forMs: 60_000 })])
    await fixture.engine.update({ routes, pools: [{ ...pool, backends: [pool.backends[1]!] }] })
    expect(series('circuit_state').map(({ labels }) => labels.backend)).toEqual(['app/2'])
    await fixture.engine.update({ routes, pools: [{ name: 'app', backends: pool.backends }] })
    expect(series('circuit_state')).toEqual([])
    const { backends } = (await fixture.engine.stats()).pools[0]!
    expect(backends.map(({ circuit, admitted }) => `${circuit} ${admitted}`)).toEqual([
      'closed 1',
      'closed 1',
    ])
  })

  it('a backend that is left out: a counter by reason, and a line unless it is only a connection', async () => {
    const cutting = await fixture.backend((req) => req.socket.destroy())
    const sound = await fixture.backend((_req, res) => res.end())
    const outlier = { consecutiveFailures: 3, maxEjectedShare: 1, baseEjectMs: 60_000 }
    const { routes, pools } = onePool([cutting, sound, await fixture.closedPort()])
    await fixture.start({ routes, pools: [{ ...pools[0]!, outlier }] }, options())
    for (let i = 0; i < 20; i++) await fixture.ask('/')
    expect(series('ejections_total')).toEqual(
      expect.arrayContaining([
        { labels: { pool: 'app', reason: 'reset' }, value: 1 },
        { labels: { pool: 'app', reason: 'connect' }, value: expect.any(Number) as number },
      ]),
    )
    const out = (): unknown[] => lines().filter(({ forMs }) => forMs !== undefined)
    await expect
      .poll(out)
      .toEqual([expect.objectContaining({ backend: 'app/1', reason: 'reset', forMs: 60_000 })])
  })

  it('requests and connections that were too many', async () => {
    const { routes, pools } = onePool(await fixture.backend((_req, res) => res.end()))
    const limited = routes.map((route) => ({ ...route, rateLimit: { perSecond: 0.01, burst: 1 } }))
    await fixture.start({ routes: limited, pools }, { ...options(), limits: { clientConnections: 1 } })
    const agent = fixture.agent()
    expect((await fixture.ask('/', { agent })).status).toBe(200)
    expect((await fixture.ask('/', { agent })).status).toBe(429)
    expect(series('rate_limited_total')).toEqual([{ labels: { pool: 'app' }, value: 1 }])
    const second = await fixture.connect()
    await expect.poll(() => second.closed).toBeDefined()
    expect(series('connections_refused_total')).toEqual([{ labels: {}, value: 1 }])
  })
})
