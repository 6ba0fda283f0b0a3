import { describe, expect, it } from 'vitest'
import type { CacheManager } from '../../src/index.ts'
import { gate, setUp } from '../set-up.ts'

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
  const invalidations: [string, (cache: CacheManager) => Promise<unknown>][] = [
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
