import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock } from '@millrace/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cacheReportSchema } from '../../src/curve/report.ts'
import {
  createCache,
  describeCurve,
  hitRatioAt,
  type CacheManager,
  type CacheOptions,
} from '../../src/index.ts'
import { randomNumbers, zipf } from '../memory/simulation.ts'
import { setUp } from '../set-up.ts'
import { exactLru } from './exact-lru.ts'

function readThrough(cache: CacheManager, namespace: string, id: string, options = {}): void {
  if (cache.getSync(namespace, id) === undefined) cache.setSync(namespace, id, 1, options)
}

const gauges = (registry: MetricRegistry, name: string): Record<string, number> =>
  Object.fromEntries(
    registry
      .collect()
      .filter((metric) => metric.name === `millrace_cache_${name}`)
      .flatMap(({ series }) => series)
      .map(({ labels, value }) => [Object.values(labels).join(' '), value as number]),
  )

describe('CacheManager.report()', () => {
  it('says what half, the same and twice the memory would bring, within 0.02 of LRU', () => {
    const { cache } = setUp({ maxEntries: 5_000, maxBytes: 2 ** 40 })
    const next = zipf(50_000, 0.9, randomNumbers(11))
    const keys = Array.from({ length: 250_000 }, next)
    for (const key of keys) readThrough(cache, 'n', String(key))
    const report = cache.report()
    expect(cacheReportSchema.parse(report)).toEqual(report)
    const [whole, own] = report.curves
    expect(whole).toMatchObject({ namespace: null, reads: 250_000 })
    expect(own).toMatchObject({ namespace: 'n', reads: 250_000, points: whole!.points })
    for (const scale of [0.5, 1, 2]) {
      expect(Math.abs(hitRatioAt(whole!, scale)! - exactLru(keys, 5_000 * scale))).toBeLessThan(0.02)
    }
    const { hits } = cache.stats()
    expect(whole!.hitRatio).toBeCloseTo(hits / 250_000, 6)
    expect(describeCurve(whole!)).toMatch(
      /^Reads hit in \d+\.\d %; expected with half the memory \d+\.\d %, with twice the memory \d+\.\d %\.$/,
    )
  })

  it('answers by bytes where bytes are what is short', () => {
    const { cache } = setUp({ maxEntries: 1_000_000, maxBytes: 4_000_000 })
    const random = randomNumbers(5)
    for (let i = 0; i < 100_000; i++) {
      readThrough(cache, 'n', String(Math.floor(random() * 12_000)), { sizeBytes: 400 })
    }
    const { curves, alerts } = cache.report()
    const [whole] = curves
    // Each takes about 660 bytes with its bookkeeping: 6,000 of the 12,000 fit, and all of them in twice the memory.
    expect(hitRatioAt(whole!, 1)!).toBeGreaterThan(0.4)
    expect(hitRatioAt(whole!, 1)!).toBeLessThan(0.6)
    expect(hitRatioAt(whole!, 2)!).toBeGreaterThan(0.8)
    expect(alerts.map(({ kind, namespace }) => [kind, namespace])).toEqual(
      expect.arrayContaining([
        ['memory', null],
        ['evicted-too-soon', null],
        ['evicted-too-soon', 'n'],
      ]),
    )
  })

  it('does not promise hits from memory for what expires', async () => {
    const { cache, clock } = setUp({ maxEntries: 2_000, namespaces: { n: { ttlMs: 1_000 } } })
    for (let round = 0; round < 10; round++) {
      for (let key = 0; key < 2_000; key++) readThrough(cache, 'n', String(key))
      await clock.advance(1_000)
    }
    const [whole] = cache.report().curves
    expect(hitRatioAt(whole!, 4)).toBeLessThan(0.05)
  })

  it('names the hottest keys, and lets go of them', async () => {
    const { cache, clock } = setUp()
    for (let i = 0; i < 2_000; i++) cache.setSync('n', String(i), i)
    const random = randomNumbers(9)
    const read = (hot: string): void => {
      for (let i = 0; i < 40_000; i++) {
        cache.getSync('n', random() < 0.3 ? hot : String(Math.floor(random() * 2_000)))
      }
    }
    read('7')
    await clock.advance(10_000)
    const [hottest] = cache.report().hotKeys
    expect(hottest).toMatchObject({ namespace: 'n', id: '7' })
    expect(hottest!.share).toBeGreaterThan(0.2)
    expect(hottest!.share).toBeLessThan(0.4)
    await clock.advance(4 * 3_600_000)
    cache.report()
    read('8')
    expect(cache.report().hotKeys[0]).toMatchObject({ id: '8' })
  })

  it('is empty, and valid, before the first read', () => {
    const { cache } = setUp()
    const report = cache.report()
    expect(cacheReportSchema.parse(report)).toMatchObject({
      hotKeys: [],
      alerts: [],
      curves: [{ points: [] }],
    })
    expect(describeCurve(report.curves[0]!)).toContain('unknown')
  })
})

describe('gauges of the report', () => {
  function published(options: CacheOptions = {}): {
    cache: CacheManager
    registry: MetricRegistry
    clock: ReturnType<typeof fakeClock>
  } {
    const clock = fakeClock()
    const registry = new MetricRegistry()
    const cache = createCache({ clock, registry, ...options })
    onTestFinished(() => void cache.close())
    return { cache, clock, registry }
  }

  it('carry five points of the curve every ten seconds', async () => {
    const { cache, clock, registry } = published({ maxEntries: 1_000 })
    const next = zipf(5_000, 0.9, randomNumbers(2))
    for (let i = 0; i < 30_000; i++) readThrough(cache, 'n', String(next()))
    expect(gauges(registry, 'curve_hit_ratio')).toEqual({})
    await clock.advance(10_000)
    const ratios = gauges(registry, 'curve_hit_ratio')
    const scales = ['0.25', '0.5', '1', '2', '4']
    expect(Object.keys(ratios).toSorted()).toEqual(scales)
    const values = scales.map((scale) => ratios[scale]!)
    expect(values).toEqual(values.toSorted((a, b) => a - b))
    expect(Object.values(gauges(registry, 'curve_samples'))[0]).toBeGreaterThan(1_000)
  })

  it('name at most ten hot keys, and end the series of those that cooled down', async () => {
    const { cache, clock, registry } = published()
    for (let i = 0; i < 400; i++) cache.setSync('n', `key-${i}`, i)
    const readAll = (from: number): void => {
      for (let i = 0; i < 60_000; i++) cache.getSync('n', `key-${from + (i % 15)}`)
    }
    readAll(0)
    await clock.advance(10_000)
    expect(Object.keys(gauges(registry, 'hot_key_reads'))).toHaveLength(10)
    for (let i = 0; i < 400; i++) await clock.advance(60_000)
    for (let i = 0; i < 400; i++) cache.setSync('n', `key-${i}`, i)
    readAll(200)
    await clock.advance(10_000)
    const keys = Object.keys(gauges(registry, 'hot_key_reads'))
    expect(keys).toHaveLength(10)
    for (const key of keys) expect(key).toMatch(/^n key-2/)
  })

  it('speak for all caches of a registry together, and no longer for those that were closed', async () => {
    const { cache, clock, registry } = published({ maxEntries: 100 })
    const other = createCache({ clock, registry, maxEntries: 100 })
    for (let i = 0; i < 20_000; i++) {
      readThrough(cache, 'hits', String(i % 10))
      readThrough(other, 'misses', String(i))
    }
    await clock.advance(10_000)
    expect(gauges(registry, 'curve_hit_ratio')['1']).toBeGreaterThan(0.4)
    expect(gauges(registry, 'curve_hit_ratio')['1']).toBeLessThan(0.6)
    expect(Object.keys(gauges(registry, 'hot_key_reads'))).toContain('hits 3')
    await other.close()
    await clock.advance(10_000)
    expect(gauges(registry, 'curve_hit_ratio')['1']).toBeGreaterThan(0.95)
    await cache.close()
    expect(gauges(registry, 'hot_key_reads')).toEqual({})
  })

  it('stop when the cache is closed', async () => {
    const { cache, clock, registry } = published()
    for (let i = 0; i < 1_000; i++) readThrough(cache, 'n', String(i % 100))
    await cache.close()
    await clock.advance(60_000)
    expect(gauges(registry, 'curve_hit_ratio')).toEqual({})
  })
})
