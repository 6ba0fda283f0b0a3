import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock } from '@millrace/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createCache, type CacheOptions, type MemoryCache } from '../src/index.ts'

const open: MemoryCache[] = []
afterEach(() => {
  for (const cache of open.splice(0)) cache.close()
})

function setUp(options: CacheOptions = {}) {
  const clock = fakeClock()
  const registry = new MetricRegistry()
  const cache = createCache({ clock, registry, ...options })
  open.push(cache)
  const metric = (name: string, labels: Record<string, string> = {}): number =>
    registry
      .collect()
      .filter((metric) => metric.name === `millrace_cache_${name}`)
      .flatMap((metric) => metric.series)
      .filter((series) => Object.entries(labels).every(([key, value]) => series.labels[key] === value))
      .reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0)
  return { cache, clock, metric }
}

const gate = <Value>() => Promise.withResolvers<Value>()

describe('reading and writing', () => {
  it('returns what was set, by namespace and identifier', async () => {
    const { cache } = setUp()
    await cache.set('PRODUCTS', '1', { name: 'mill' })
    expect(await cache.get('PRODUCTS', '1')).toEqual({ name: 'mill' })
    expect(await cache.get('PRODUCTS', '2')).toBeUndefined()
    expect(await cache.get('USERS', '1')).toBeUndefined()
    expect(await cache.del('PRODUCTS', '1')).toBe(true)
    expect(await cache.delete('PRODUCTS', '1')).toBe(false)
  })

  it('keeps null, false, 0 and undefined as values', async () => {
    const { cache } = setUp()
    for (const value of [null, false, 0, undefined]) {
      let loads = 0
      const load = async () => {
        loads++
        return value
      }
      expect(await cache.getOrSet('n', String(value), load)).toBe(value)
      expect(await cache.getOrSet('n', String(value), load)).toBe(value)
      expect(loads).toBe(1)
      expect(cache.has('n', String(value))).toBe(true)
    }
  })

  it('reads and writes many at once', async () => {
    const { cache } = setUp()
    await cache.setMany('n', [
      ['a', 1],
      ['b', 2],
    ])
    expect(await cache.getMany('n', ['a', 'x', 'b'])).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    )
  })

  it('peeks without counting', async () => {
    const { cache, metric } = setUp()
    await cache.set('n', 'a', 1)
    expect(cache.peek('n', 'a')).toBe(1)
    expect(cache.peek('n', 'b')).toBeUndefined()
    expect(cache.peek('never', 'b')).toBeUndefined()
    expect(metric('hits_total') + metric('misses_total')).toBe(0)
  })

  it('counts hits, misses, entries and bytes by namespace', async () => {
    const { cache, metric } = setUp()
    await cache.set('n', 'a', 'x'.repeat(1_000))
    await cache.get('n', 'a')
    await cache.get('n', 'b')
    expect(metric('hits_total', { namespace: 'n', tier: 'memory' })).toBe(1)
    expect(metric('misses_total', { namespace: 'n' })).toBe(1)
    expect(metric('entries', { namespace: 'n' })).toBe(1)
    expect(metric('size_bytes', { namespace: 'n' })).toBe(cache.stats().bytes)
    expect(cache.stats()).toMatchObject({ entries: 1, hits: 1, misses: 1, hitRatio: 0.5 })
    await cache.clear('n')
    expect(metric('entries', { namespace: 'n' })).toBe(0)
    expect(metric('size_bytes', { namespace: 'n' })).toBe(0)
  })
})

describe('time to live', () => {
  it('expires by the entry, the namespace, the preset or the default, in that order', async () => {
    const { cache, clock } = setUp({ defaultTtlMs: 1_000, namespaces: { mine: { ttlMs: 2_000 } } })
    await cache.set('other', 'a', 1)
    await cache.set('mine', 'a', 1)
    await cache.set('mine', 'b', 1, { ttlMs: 3_000 })
    await cache.set('NOTIFICATIONS', 'a', 1)
    await cache.set('other', 'forever', 1, { ttlMs: Infinity })
    await clock.advance(999)
    expect(cache.has('other', 'a')).toBe(true)
    await clock.advance(1)
    expect(cache.has('other', 'a')).toBe(false)
    await clock.advance(1_000)
    expect([cache.has('mine', 'a'), cache.has('mine', 'b')]).toEqual([false, true])
    await clock.advance(57_999)
    expect(cache.has('NOTIFICATIONS', 'a')).toBe(true)
    await clock.advance(1)
    expect(cache.has('NOTIFICATIONS', 'a')).toBe(false)
    await clock.advance(60 * 86_400_000)
    expect(cache.has('other', 'forever')).toBe(true)
  })

  it('takes a bare number as seconds', async () => {
    const { cache, clock } = setUp()
    await cache.set('n', 'a', 1, 600)
    await clock.advance(599_999)
    expect(cache.has('n', 'a')).toBe(true)
    await clock.advance(1)
    expect(cache.has('n', 'a')).toBe(false)
    await expect(cache.set('n', 'a', 1, -1)).rejects.toMatchObject({ code: 'CACHE_TTL_INVALID' })
  })

  it('neither expires nor revives when the wall clock jumps', async () => {
    const { cache, clock } = setUp()
    await cache.set('n', 'a', 1, { ttlMs: 1_000 })
    clock.jump(3_600_000)
    expect(cache.has('n', 'a')).toBe(true)
    await clock.advance(1_000)
    clock.jump(-7_200_000)
    expect(cache.has('n', 'a')).toBe(false)
  })

  it('keeps no timer per key', async () => {
    const { cache, clock } = setUp()
    for (let i = 0; i < 1_000; i++) await cache.set('n', String(i), i, { ttlMs: 1_000 + i })
    expect(clock.pending).toBe(0)
    await cache.getOrSet('n', 'loaded', async () => 1)
    expect(clock.pending).toBe(0)
  })
})

describe('tags', () => {
  it('drops every entry that carries one of them, and no other', async () => {
    const { cache } = setUp()
    await cache.set('n', 'a', 1, { tags: ['x', 'y'] })
    await cache.set('n', 'b', 2, { tags: ['y'] })
    await cache.set('n', 'c', 3)
    expect(await cache.invalidateTags(['x', 'unknown'])).toBe(2)
    expect(await cache.getMany('n', ['a', 'b', 'c'])).toEqual(
      new Map([
        ['b', 2],
        ['c', 3],
      ]),
    )
    await cache.set('n', 'a', 4, { tags: ['x'] })
    expect(await cache.get('n', 'a')).toBe(4)
  })

  it('adds the tags of the namespace', async () => {
    const { cache } = setUp({ namespaces: { n: { ttlMs: 1_000, tags: ['all'] } } })
    await cache.set('n', 'a', 1)
    await cache.set('n', 'b', 1, { tags: ['own'] })
    await cache.invalidateTags(['all'])
    expect([cache.has('n', 'a'), cache.has('n', 'b')]).toEqual([false, false])
  })

  it('forgets old invalidations on the safe side', async () => {
    const { cache } = setUp({ maxTags: 3 })
    await cache.set('n', 'old', 1, { tags: ['t0'] })
    await cache.set('n', 'other', 1, { tags: ['unrelated'] })
    await cache.set('n', 'untagged', 1)
    await cache.invalidateTags(['t0', 't1', 't2', 't3', 't4'])
    expect(cache.has('n', 'old')).toBe(false)
    expect(cache.has('n', 'other')).toBe(false)
    expect(cache.has('n', 'untagged')).toBe(true)
    await cache.set('n', 'new', 1, { tags: ['t0'] })
    expect(cache.has('n', 'new')).toBe(true)
  })
})

describe('patterns', () => {
  it('deletes by glob over namespace and identifier', async () => {
    const { cache } = setUp()
    for (const id of ['1', '12', '2']) await cache.set('PRODUCTS', id, id)
    await cache.set('USERS', '1', 1)
    expect(await cache.delPattern('PRODUCTS:1*')).toBe(2)
    expect(await cache.delPattern('*:?')).toBe(2)
    expect(cache.stats().entries).toBe(0)
    expect(await cache.delPattern('NOBODY:*')).toBe(0)
  })
})

describe('one flight per key', () => {
  it('shares a load among concurrent callers and counts what it saved', async () => {
    const { cache, metric } = setUp()
    const { promise, resolve } = gate<string>()
    let loads = 0
    const load = () => {
      loads++
      return promise
    }
    const callers = Array.from({ length: 50 }, () => cache.getOrSet('n', 'a', load))
    resolve('value')
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['value']))
    expect(loads).toBe(1)
    expect(metric('stampedes_avoided_total', { namespace: 'n' })).toBe(49)
    expect(metric('load_duration_seconds', { namespace: 'n' })).toBe(1)
  })

  it('hands an error to every caller and does not store it', async () => {
    const { cache, metric } = setUp()
    const { promise, reject } = gate<string>()
    const callers = [cache.getOrSet('n', 'a', () => promise), cache.getOrSet('n', 'a', () => promise)]
    reject(new Error('database away'))
    for (const result of await Promise.allSettled(callers)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'database away' } })
    }
    expect(await cache.getOrSet('n', 'a', async () => 'later')).toBe('later')
    expect(metric('load_errors_total')).toBe(1)
  })

  it('turns a loader that throws at once into a rejection', async () => {
    const { cache } = setUp()
    const load = (): Promise<never> => {
      throw new Error('no promise')
    }
    await expect(cache.getOrSet('n', 'a', load)).rejects.toThrow('no promise')
    expect(await cache.getOrSet('n', 'a', async () => 1)).toBe(1)
  })

  it('ends a load that takes too long, aborts it and ignores what it does later', async () => {
    const { cache, clock } = setUp({ loaderTimeoutMs: 100 })
    const { promise, reject } = gate<string>()
    let signal: AbortSignal | undefined
    const result = cache.getOrSet('n', 'a', (given) => {
      signal = given
      return promise
    })
    const settled = Promise.allSettled([result])
    await clock.advance(100)
    expect((await settled)[0]).toMatchObject({ reason: { code: 'CACHE_LOADER_TIMEOUT', status: 504 } })
    expect(signal?.aborted).toBe(true)
    reject(new Error('much later'))
    await clock.advance(1)
    expect(await cache.getOrSet('n', 'a', async () => 'fresh')).toBe('fresh')
  })
})

describe('an invalidation while the loader runs', () => {
  const invalidations: [string, (cache: MemoryCache) => Promise<unknown>][] = [
    ['delete', (cache) => cache.delete('n', 'a')],
    ['tag', (cache) => cache.invalidateTags(['t'])],
    ['pattern', (cache) => cache.delPattern('n:*')],
    ['clear of the namespace', (cache) => cache.clear('n')],
    ['clear', (cache) => cache.clear()],
  ]
  it.each(invalidations)('is not lost: %s', async (_, invalidate) => {
    const { cache, metric } = setUp()
    const first = gate<string>()
    const early = cache.getOrSet('n', 'a', () => first.promise, { tags: ['t'] })
    await invalidate(cache)
    // Whoever asks after the invalidation must not get what was loaded before it.
    const late = cache.getOrSet('n', 'a', async () => 'new', { tags: ['t'] })
    expect(await late).toBe('new')
    first.resolve('old')
    expect(await early).toBe('old')
    expect(await cache.get('n', 'a')).toBe('new')
    expect(metric('discarded_loads_total', { namespace: 'n' })).toBe(1)
  })

  it('does not store the old value either when nobody asks again', async () => {
    const { cache } = setUp()
    const { promise, resolve } = gate<string>()
    const early = cache.getOrSet('n', 'a', () => promise, { tags: ['t'] })
    await cache.invalidateTags(['t'])
    resolve('old')
    await early
    expect(cache.has('n', 'a')).toBe(false)
  })

  it('lets a value set meanwhile win', async () => {
    const { cache } = setUp()
    const { promise, resolve } = gate<string>()
    const early = cache.getOrSet('n', 'a', () => promise)
    await cache.set('n', 'a', 'set')
    resolve('loaded')
    expect(await early).toBe('loaded')
    expect(await cache.get('n', 'a')).toBe('set')
  })
})

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
    ['CACHE_KEY_TOO_LONG', (c: MemoryCache) => c.set('n', 'x'.repeat(1_025), 1)],
    ['CACHE_KEY_TOO_LONG', (c: MemoryCache) => c.get('n', 'x'.repeat(1_025))],
    ['CACHE_TTL_INVALID', (c: MemoryCache) => c.set('n', 'a', 1, { ttlMs: -1 })],
    ['CACHE_TTL_INVALID', (c: MemoryCache) => c.set('n', 'a', 1, { ttlMs: 0 })],
    ['CACHE_TTL_INVALID', (c: MemoryCache) => c.getOrSet('n', 'a', async () => 1, { ttlMs: NaN })],
    ['CACHE_NAMESPACE_INVALID', (c: MemoryCache) => c.get('a:b', 'a')],
    ['CACHE_NAMESPACE_INVALID', (c: MemoryCache) => c.set('', 'a', 1)],
    ['CACHE_TAG_INVALID', (c: MemoryCache) => c.set('n', 'a', 1, { tags: [''] })],
    ['CACHE_TAG_INVALID', (c: MemoryCache) => c.invalidateTags(['x'.repeat(257)])],
    ['CACHE_VALUE_NOT_SERIALISABLE', (c: MemoryCache) => c.set('n', 'a', { f: () => 1 })],
  ])('rejects with %s', async (code, run) => {
    const { cache } = setUp()
    await expect(run(cache)).rejects.toMatchObject({ code, status: 400 })
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

describe('closing', () => {
  it('fails loads in progress and everything after', async () => {
    const { cache } = setUp()
    await cache.set('n', 'a', 1)
    const load = cache.getOrSet('n', 'b', () => gate<string>().promise)
    cache.close()
    await expect(load).rejects.toMatchObject({ code: 'CACHE_CLOSED' })
    await expect(cache.get('n', 'a')).rejects.toMatchObject({ code: 'CACHE_CLOSED' })
    await expect(cache.set('n', 'a', 1)).rejects.toMatchObject({ code: 'CACHE_CLOSED' })
    expect(cache.peek('n', 'a')).toBeUndefined()
  })
})
