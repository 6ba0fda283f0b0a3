import { MetricRegistry } from '@millrace/core/metrics'
import { describe, expect, it } from 'vitest'
import { createCache, type CacheManager } from '../src/index.ts'
import { setUp } from './set-up.ts'

describe('limits', () => {
  it('never holds more entries or bytes than allowed', async () => {
    const { cache, metric } = setUp({ maxEntries: 100, maxBytes: 50_000 })
    for (let i = 0; i < 1_000; i++) {
      await cache.set('n', String(i), 'x'.repeat(i % 2_000))
      expect(cache.stats().entries).toBeLessThanOrEqual(100)
      expect(cache.stats().bytes).toBeLessThanOrEqual(50_000)
    }
    expect(metric('evictions_total')).toBe(1_000 - cache.stats().entries)
  })

  it('returns a value too large for one entry without storing it, and drops what it outdates', async () => {
    const { cache, metric } = setUp({ maxBytes: 10_000 })
    await cache.set('n', 'a', 'small')
    await cache.set('n', 'a', 'x'.repeat(5_000))
    expect(cache.has('n', 'a')).toBe(false)
    expect(await cache.getOrSet('n', 'b', async () => 'x'.repeat(5_000))).toHaveLength(5_000)
    expect(metric('rejections_total', { namespace: 'n' })).toBe(2)
  })

  it.each([
    ['CACHE_KEY_TOO_LONG', (c: CacheManager) => c.set('n', 'x'.repeat(1_025), 1)],
    ['CACHE_KEY_TOO_LONG', (c: CacheManager) => c.get('n', 'x'.repeat(1_025))],
    ['CACHE_KEY_INVALID', (c: CacheManager) => c.set('n', 'half \ud83d', 1)],
    ['CACHE_KEY_INVALID', (c: CacheManager) => c.get('n', 7 as unknown as string)],
    ['CACHE_OPTION_INVALID', (c: CacheManager) => c.set('n', 'a', 1, { loaderTimeoutMs: Infinity })],
    [
      'CACHE_OPTION_INVALID',
      (c: CacheManager) => c.set('n', 'a', 1, { compress: 'no' as unknown as boolean }),
    ],
    ['CACHE_TTL_INVALID', (c: CacheManager) => c.set('n', 'a', 1, { ttlMs: -1 })],
    ['CACHE_TTL_INVALID', (c: CacheManager) => c.set('n', 'a', 1, { ttlMs: 0 })],
    ['CACHE_TTL_INVALID', (c: CacheManager) => c.getOrSet('n', 'a', async () => 1, { ttlMs: NaN })],
    ['CACHE_NAMESPACE_INVALID', (c: CacheManager) => c.get('a:b', 'a')],
    ['CACHE_NAMESPACE_INVALID', (c: CacheManager) => c.set('', 'a', 1)],
    ['CACHE_TAG_INVALID', (c: CacheManager) => c.set('n', 'a', 1, { tags: [''] })],
    ['CACHE_TAG_INVALID', (c: CacheManager) => c.set('n', 'a', 1, { tags: 't' as unknown as string[] })],
    ['CACHE_TAG_INVALID', (c: CacheManager) => c.invalidateTags(['x'.repeat(257)])],
    ['CACHE_TAG_INVALID', (c: CacheManager) => c.invalidateTags(['half \udca9'])],
    ['CACHE_VALUE_NOT_SERIALISABLE', (c: CacheManager) => c.set('n', 'a', { f: () => 1 })],
  ])('rejects with %s', async (code, run) => {
    const { cache } = setUp()
    await expect(run(cache)).rejects.toMatchObject({ code, status: 400 })
  })

  it('stores all of several values or none', async () => {
    const { cache } = setUp()
    await cache.set('n', 'a', 'old')
    const values: [string, unknown][] = [
      ['a', 'new'],
      ['b', () => 1],
    ]
    await expect(cache.setMany('n', values)).rejects.toMatchObject({ code: 'CACHE_VALUE_NOT_SERIALISABLE' })
    expect(await cache.get('n', 'a')).toBe('old')
  })

  it('takes a soft limit that no timer could hold as none', async () => {
    const { cache, clock } = setUp({ namespaces: { n: { ttlMs: 1_000, staleIfErrorMs: 60_000 } } })
    await cache.set('n', 'a', 'old')
    await clock.advance(2_000)
    expect(await cache.getOrSet('n', 'a', async () => 'new', { loaderSoftTimeoutMs: 2 ** 31 })).toBe('new')
  })

  it('says where in a value the part stands that cannot be cached', async () => {
    const { cache } = setUp()
    const value = { user: { tags: ['a', Symbol('b')] } }
    await expect(cache.set('n', 'a', value)).rejects.toThrow("holds a symbol at 'user.tags[1]'")
  })

  it('bounds the number of namespaces', async () => {
    const { cache } = setUp({ maxNamespaces: 2 })
    await cache.set('a', 'x', 1)
    await cache.set('b', 'x', 1)
    await expect(cache.set('c', 'x', 1)).rejects.toMatchObject({ code: 'CACHE_TOO_MANY_NAMESPACES' })
  })

  it.each([{ maxEntries: 0 }, { maxBytes: 1.5 }, { loaderTimeoutMs: -1 }, { loaderTimeoutMs: 2 ** 31 }])(
    'refuses the option %o',
    (options) => {
      expect(() => createCache({ registry: new MetricRegistry(), ...options })).toThrow(
        expect.objectContaining({ code: 'CACHE_OPTION_INVALID' }),
      )
    },
  )
})
