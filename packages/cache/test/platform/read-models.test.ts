import { describe, expect, it } from 'vitest'
import { judgeCurve, readCurves } from '../../src/platform/curve-report.ts'
import { readHotKeys } from '../../src/platform/hot-keys.ts'
import { readProcesses } from '../../src/platform/tiers.ts'
import { readUsage } from '../../src/platform/usage.ts'
import { reportedMetrics, type ReportedPoint } from './reported-metrics.ts'

const point = (name: string, value: number, labels: Record<string, string>): ReportedPoint => ({
  metric: `millrace_cache_${name}`,
  value,
  labels,
})
const window = (points: readonly ReportedPoint[]) => ({
  reader: reportedMetrics(points),
  now: 0,
  windowMs: 10_000,
})

describe('usage', () => {
  const shop = { service: 'shop', namespace: 'PRODUCTS' }
  const points = [
    point('hits_total', 60, { ...shop, tier: 'memory' }),
    point('hits_total', 30, { ...shop, tier: 'shared' }),
    point('misses_total', 10, shop),
    point('hits_total', 1, { service: 'user', namespace: 'USER_PROFILE', tier: 'memory' }),
    point('entries', 7, { ...shop, instance: 'shop/1' }),
    point('entries', 5, { ...shop, instance: 'shop/2' }),
    point('size_bytes', 700, shop),
    point('stale_served_total', 3, { ...shop, reason: 'error' }),
  ]

  it('counts what reaches each tier: the second is asked for what the first does not have', async () => {
    const { hits, misses, hitRatio, tiers } = await readUsage(window(points))
    expect({ hits, misses, hitRatio }).toEqual({ hits: 91, misses: 10, hitRatio: 91 / 101 })
    expect(tiers).toEqual([
      { tier: 'memory', reads: 101, hits: 61, hitRatio: 61 / 101 },
      { tier: 'shared', reads: 40, hits: 30, hitRatio: 0.75 },
    ])
  })

  it('has a row per service and namespace, most reads first, levels of its processes added up', async () => {
    const { rows } = await readUsage(window(points))
    expect(rows.map(({ service }) => service)).toEqual(['shop', 'user'])
    expect(rows[0]).toMatchObject({
      hits: 90,
      memoryHits: 60,
      sharedHits: 30,
      hitRatio: 0.9,
      entries: 12,
      bytes: 700,
      staleServed: 3,
    })
  })

  it('says that nothing was read rather than that nothing was found', async () => {
    const usage = await readUsage(window([]))
    expect(usage).toMatchObject({ hitRatio: null, rows: [], tiers: [{ tier: 'memory', hitRatio: null }] })
  })
})

describe('processes', () => {
  it('are added up by service, with their limits, and each with its connection', async () => {
    const one = { service: 'shop', instance: 'shop/1' }
    const two = { service: 'shop', instance: 'shop/2' }
    const points = [one, two].flatMap((labels) => [
      point('entries', 5, labels),
      point('size_bytes', 50, labels),
      point('max_entries', 100, labels),
      point('max_size_bytes', 1_000, labels),
    ])
    const { memory, connections, errors } = await readProcesses(
      window([
        ...points,
        point('shared_up', 1, one),
        point('shared_up', 0, two),
        point('follower_up', 1, one),
        point('shared_errors_total', 4, { ...two, reason: 'timeout' }),
        point('shared_errors_total', 0, { ...one, reason: 'corrupt' }),
      ]),
    )
    expect(memory).toEqual([
      { service: 'shop', processes: 2, entries: 10, bytes: 100, maxEntries: 200, maxBytes: 2_000 },
    ])
    expect(connections).toEqual([
      { ...one, up: true, follows: true },
      { ...two, up: false, follows: null },
    ])
    expect(errors).toEqual([{ reason: 'timeout', count: 4 }])
  })
})

describe('the miss-ratio curve', () => {
  const curve = (ratios: Record<string, number>, samples = 5_000): ReportedPoint[] => [
    ...Object.entries(ratios).map(([scale, value]) =>
      point('curve_hit_ratio', value, { service: 'shop', scale }),
    ),
    point('curve_samples', samples, { service: 'shop' }),
    point('max_size_bytes', 1_024, { service: 'shop' }),
  ]

  it('is in order of size, whatever order it was reported in', async () => {
    const { caches } = await readCurves(window(curve({ '2': 0.8, '0.5': 0.6, '1': 0.7 })))
    expect(caches).toHaveLength(1)
    expect(caches[0]).toMatchObject({ service: 'shop', maxBytes: 1_024, half: 0.6, now: 0.7, twice: 0.8 })
    expect(caches[0]!.points.map(({ scale }) => scale)).toEqual([0.5, 1, 2])
  })

  it.each([
    [{ samples: 5_000, half: 0.6, now: 0.7, twice: 0.8 }, 'grow', 'from 70.0 % to 80.0 %'],
    [{ samples: 5_000, half: 0.699, now: 0.7, twice: 0.701 }, 'shrink', 'Half of the memory would do'],
    [{ samples: 5_000, half: 0.6, now: 0.7, twice: 0.71 }, 'keep', 'about right'],
    [{ samples: 999, half: 0.6, now: 0.7, twice: 0.8 }, 'wait', '999 sampled reads'],
    [{ samples: 5_000, half: null, now: null, twice: null }, 'wait', 'Wait'],
  ] as const)('%j means %s', (known, verdict, words) => {
    const judged = judgeCurve(known)
    expect(judged.verdict).toBe(verdict)
    expect(judged.advice).toContain(words)
  })
})

describe('hottest keys', () => {
  it('are ordered by reads, as a share of what their service reads, without those that cooled down', async () => {
    const { rows } = await readHotKeys(
      window([
        point('hot_key_reads', 2, { service: 'shop', namespace: 'P', key: '1' }),
        point('hot_key_reads', 5, { service: 'shop', namespace: 'P', key: '2' }),
        point('hot_key_reads', 0, { service: 'shop', namespace: 'P', key: '3' }),
        point('hits_total', 75, { service: 'shop', tier: 'memory' }),
        point('misses_total', 25, { service: 'shop' }),
      ]),
      50,
    )
    expect(rows).toEqual([
      { service: 'shop', namespace: 'P', key: '2', readsPerSecond: 5, share: 0.5 },
      { service: 'shop', namespace: 'P', key: '1', readsPerSecond: 2, share: 0.2 },
    ])
  })
})
