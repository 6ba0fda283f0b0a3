import { waitFor } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import type { WarmKey, WarmProgress } from '../../src/warming/warm-keys.ts'
import { gate } from '../set-up.ts'
import { warm } from './set-up.ts'

const keys = (count: number, from = 0): WarmKey[] =>
  Array.from({ length: count }, (_, index) => ({ namespace: 'n', id: `${from + index}` }))

describe('a list', () => {
  it('is loaded as far as it is not there, without counting as reads', async () => {
    const { warmer, cache, loads, metric } = warm({ perSecond: 1_000_000 })
    await cache.set('n', '1', 'there')
    const progress: WarmProgress[] = []
    const report = await warmer.warm(keys(5), { onProgress: (now) => progress.push(now) })
    expect(report).toEqual({ loaded: 4, skipped: 1, failed: 0, ended: 'done', errors: [] })
    expect(loads).toEqual(['0', '2', '3', '4'])
    expect(await cache.get('n', '1')).toBe('there')
    expect(await cache.get('n', '4')).toBe('value of 4')
    expect(metric('misses_total')).toBe(0)
    expect(progress).toHaveLength(5)
    expect(progress.at(-1)).toEqual({ loaded: 4, skipped: 1, failed: 0 })
    expect(warmer.stats().loaded.list).toBe(4)
    expect(metric('warmed_keys_total', { namespace: 'n', reason: 'list' })).toBe(4)
  })

  it('may be an async iterator, which is asked one key at a time, and bring loaders of its own', async () => {
    let asked = 0
    async function* source() {
      for (let id = 0; id < 6; id++) {
        expect(++asked).toBe(id + 1)
        yield { namespace: 'other', id: `${id}`, load: async () => id * 2, ttlMs: 1_000, tags: ['t'] }
      }
    }
    const { warmer, cache } = warm({ perSecond: 1_000_000 })
    expect(await warmer.warm(source())).toMatchObject({ loaded: 6 })
    expect(cache.entry('other', '5')).toMatchObject({ remainingMs: 1_000, tags: ['t'] })
  })

  it('is loaded a few at a time', async () => {
    const { promise, resolve } = gate<string>()
    const { warmer, loads, clock } = warm({ concurrency: 3, perSecond: 1_000_000, load: () => promise })
    const warming = warmer.warm(keys(10))
    await clock.advance(10)
    expect(loads).toHaveLength(3)
    resolve('value')
    expect(await warming).toMatchObject({ loaded: 10 })
  })

  it('is loaded not faster than said', async () => {
    const { warmer, loads, clock } = warm({ perSecond: 10 })
    const warming = warmer.warm(keys(20))
    await clock.advance(1_000)
    expect(loads.length).toBe(11)
    await clock.advance(1_000)
    expect(await warming).toMatchObject({ loaded: 20 })
  })

  it('ends when it is told to, although its source hangs', async () => {
    const { promise, resolve } = gate<WarmKey>()
    async function* source() {
      yield { namespace: 'n', id: '0' }
      yield await promise
    }
    const { warmer, loads } = warm({ perSecond: 1_000_000 })
    const warming = warmer.warm(source())
    await waitFor(() => loads.length === 1)
    await warmer.close()
    expect(await warming).toMatchObject({ loaded: 1, ended: 'aborted' })
    resolve({ namespace: 'n', id: '1' })
  })

  it('stops when the cache is full enough, and closes its source', async () => {
    let closed = false
    function* source() {
      try {
        yield* keys(1_000)
      } finally {
        closed = true
      }
    }
    const { warmer, cache } = warm({ perSecond: 1_000_000, fillTo: 0.5 }, { maxEntries: 100 })
    const report = await warmer.warm(source())
    expect(report.ended).toBe('capacity')
    expect(cache.stats().entries).toBeGreaterThanOrEqual(50)
    expect(cache.stats().entries).toBeLessThan(60)
    expect(closed).toBe(true)
  })

  it('ends when it is aborted or the warmer is closed: what is under way is finished', async () => {
    const { warmer, clock, loads } = warm({ perSecond: 10 })
    const stop = new AbortController()
    const aborted = warmer.warm(keys(50), { signal: stop.signal })
    const closed = warmer.warm(keys(50, 100))
    await clock.advance(500)
    stop.abort()
    expect(await aborted).toMatchObject({ ended: 'aborted', failed: 0 })
    const before = loads.length
    await warmer.close()
    expect(await closed).toMatchObject({ ended: 'aborted' })
    expect(loads.length).toBe(before)
  })

  it('goes on after keys that fail, and says which', async () => {
    const { warmer } = warm({
      perSecond: 1_000_000,
      load: async (id) => {
        if (id === '2') throw new Error('no such row')
        return id
      },
    })
    const report = await warmer.warm([...keys(4), { namespace: 'unknown', id: 'x' }])
    expect(report).toMatchObject({ loaded: 3, failed: 2, ended: 'done' })
    expect(report.errors).toMatchObject([
      { namespace: 'n', id: '2', message: 'no such row' },
      { namespace: 'unknown', id: 'x' },
    ])
  })

  it('rejects when its source throws, and loads nothing more', async () => {
    async function* source() {
      yield* keys(2)
      throw new Error('query failed')
    }
    const { warmer, loads } = warm({ perSecond: 1_000_000 })
    await expect(warmer.warm(source())).rejects.toThrow('query failed')
    expect(loads.length).toBeLessThanOrEqual(2)
  })
})

describe('hot keys', () => {
  it('are renewed before they expire, while readers get the value that is there', async () => {
    const { warmer, cache, clock, loads } = warm({ loadBurst: 10 })
    warmer.start()
    await warmer.get('n', 'hot')
    await warmer.get('n', 'cold')
    for (let second = 0; second < 300; second++) {
      await clock.advance(1_000)
      expect(cache.has('n', 'hot')).toBe(true)
      await warmer.get('n', 'hot')
    }
    expect(loads.filter((id) => id === 'cold')).toHaveLength(1)
    const renewals = loads.filter((id) => id === 'hot').length - 1
    expect(renewals).toBeGreaterThanOrEqual(5)
    expect(renewals).toBeLessThanOrEqual(6)
    expect(warmer.stats().loaded.refresh).toBe(renewals)
  })

  it('are not brought back after an invalidation during the renewal', async () => {
    const { promise, resolve } = gate<string>()
    let slow = false
    const { warmer, cache, clock } = warm({ load: async () => (slow ? promise : 'first') })
    for (let reads = 0; reads < 10; reads++) await warmer.get('n', 'a')
    await clock.advance(59_000)
    for (let reads = 0; reads < 10; reads++) await warmer.get('n', 'a')
    slow = true
    const renewing = warmer.refreshHot()
    await cache.delete('n', 'a')
    resolve('from before the invalidation')
    expect(await renewing).toBe(1)
    expect(cache.has('n', 'a')).toBe(false)
  })

  it('cost no more than the budget allows, and fail silently', async () => {
    const { warmer, clock, loads, cache } = warm({
      loadBurst: 3,
      loadShare: 0.01,
      concurrency: 100,
      load: async (id) => {
        if (id === '0' && cache.has('n', '0')) throw new Error('away')
        return id
      },
    })
    for (const { id } of keys(20)) for (let reads = 0; reads < 6; reads++) await warmer.get('n', id)
    await clock.advance(59_500)
    loads.length = 0
    for (const { id } of keys(20)) for (let reads = 0; reads < 6; reads++) warmer.observe('n', id)
    expect(await warmer.refreshHot()).toBe(3)
    expect(loads).toHaveLength(3)
  })
})

it.each([
  [{ concurrency: 0 }, 'concurrency'],
  [{ loadShare: 2 }, 'loadShare'],
  [{ fillTo: 0 }, 'fillTo'],
  [{ loaders: { n: {} as never } }, 'loaders.n.load'],
  [{ predict: { minPrecision: -1 } }, 'predict.minPrecision'],
])('a wrong option is named: %j', (options, field) => {
  expect(() => warm(options)).toThrow(
    expect.objectContaining({
      code: 'CACHE_OPTION_INVALID',
      details: expect.objectContaining({ field }) as object,
    }),
  )
})
