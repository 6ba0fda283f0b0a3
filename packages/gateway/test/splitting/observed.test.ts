import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@millrace/core'
import { MetricRegistry, type ExponentialHistogram } from '@millrace/core/metrics'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { mergeStats } from '../../src/supervisor/merge-stats.ts'
import { Fixture } from '../../src/testing/index.ts'
import { namedPool } from '../../src/testing/suites/named-pools.ts'

describe('what is recorded of splits and copies', () => {
  let fixture: Fixture
  let dir: string
  beforeEach(() => {
    fixture = new Fixture(createGateway)
    dir = mkdtempSync(join(tmpdir(), 'millrace-splits-'))
  })
  afterEach(async () => {
    await fixture.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('requests and time by part, the part in the access log, copies by outcome', async () => {
    const registry = new MetricRegistry()
    const pools = [
      await namedPool(fixture, 'old'),
      await namedPool(
        fixture,
        'new',
        [],
        (req, res) => void res.writeHead(req.url === '/fails' ? 500 : 200).end(),
      ),
    ]
    const table = {
      routes: [
        {
          prefix: '/',
          pool: 'old',
          split: {
            name: 'shop',
            kind: 'canary' as const,
            parts: [
              { pool: 'old', share: 0 },
              { pool: 'new', share: 100 },
            ],
          },
          mirror: { pool: 'old', share: 100 },
        },
      ],
      pools,
    }
    await fixture.start(table, { registry, accessLog: createLogger({ destination: join(dir, 'log') }) })
    await fixture.ask('/')
    await fixture.ask('/fails')
    await fixture.ask('/fails', { method: 'POST' })
    const series = (name: string) =>
      (registry.collect().find((metric) => metric.name === name)?.series ?? []).map(({ labels, value }) => ({
        ...labels,
        value: typeof value === 'number' ? value : (value as ExponentialHistogram).count,
      }))
    await expect
      .poll(() => series('millrace_gateway_mirrored_total'))
      .toEqual([{ pool: 'old', outcome: 'sent', value: 2 }])
    const requests = series('millrace_gateway_split_requests_total').filter(({ value }) => value > 0)
    expect(requests).toEqual([
      { split: 'shop', part: 'new', outcome: 'ok', value: 1 },
      { split: 'shop', part: 'new', outcome: 'error', value: 1 },
      { split: 'shop', part: 'new', outcome: 'fallback', value: 1 },
    ])
    expect(series('millrace_gateway_split_duration_seconds')).toContainEqual({
      split: 'shop',
      part: 'new',
      value: 3,
    })
    const lines = (): Record<string, unknown>[] =>
      readFileSync(join(dir, 'log'), 'utf8')
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]))
    await expect.poll(() => lines().length).toBe(3)
    expect(
      lines().map(({ split, pool, status }) => `${String(split)} ${String(pool)} ${String(status)}`),
    ).toEqual([
      'shop=new new 200',
      // Its part was the canary, and the stable pool answered.
      'shop=new old 200',
      'shop=new new 500',
    ])
    const one = await fixture.engine.stats()
    expect(mergeStats([one, one]).splits![0]!.parts[1]).toMatchObject({
      requests: 6,
      errors: 4,
      duration: { count: 6 },
    })
  })

  it('who does not wait for a part that hangs speaks of its latency', async () => {
    const pools = [await namedPool(fixture, 'old'), await namedPool(fixture, 'new', [], () => undefined)]
    const parts = [
      { pool: 'old', share: 0 },
      { pool: 'new', share: 100 },
    ]
    await fixture.start({
      routes: [{ prefix: '/', pool: 'old', split: { name: 'shop', kind: 'canary', parts } }],
      pools,
    })
    await expect(fixture.ask('/', { timeoutMs: 200 })).rejects.toThrow('no answer')
    const hanging = async () => (await fixture.engine.stats()).splits![0]!.parts[1]!
    await expect.poll(async () => (await hanging()).requests).toBe(1)
    const { errors, duration } = await hanging()
    expect(errors).toBe(0)
    expect(duration.sum).toBeGreaterThan(0.15)
  })
})
