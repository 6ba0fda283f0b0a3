import { describe, expect, it } from 'vitest'
import { gate, setUp } from './set-up.ts'

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

describe('durations', () => {
  it('of memory are measured in a sample of the reads and writes', async () => {
    const { cache, metric } = setUp()
    for (let i = 0; i < 640; i++) await cache.set('n', 'a', i)
    for (let i = 0; i < 2_560; i++) await cache.get('n', 'a')
    expect(metric('operation_duration_seconds', { tier: 'memory', operation: 'set' })).toBe(10)
    expect(metric('operation_duration_seconds', { tier: 'memory', operation: 'get' })).toBe(10)
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
    const before = clock.pending
    for (let i = 0; i < 1_000; i++) await cache.set('n', String(i), i, { ttlMs: 1_000 + i })
    expect(clock.pending).toBe(before)
    await cache.getOrSet('n', 'loaded', async () => 1)
    expect(clock.pending).toBe(before)
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

describe('closing', () => {
  it('fails loads in progress and everything after', async () => {
    const { cache } = setUp()
    await cache.set('n', 'a', 1)
    const load = cache.getOrSet('n', 'b', () => gate<string>().promise)
    const closed = cache.close()
    await expect(load).rejects.toMatchObject({ code: 'CACHE_CLOSED' })
    await expect(cache.get('n', 'a')).rejects.toMatchObject({ code: 'CACHE_CLOSED' })
    await expect(cache.set('n', 'a', 1)).rejects.toMatchObject({ code: 'CACHE_CLOSED' })
    for (const invalidation of [
      cache.delete('n', 'a'),
      cache.invalidateTags(['t']),
      cache.delPattern('n:*'),
      cache.clear(),
    ]) {
      await expect(invalidation).rejects.toMatchObject({ code: 'CACHE_CLOSED' })
    }
    expect(cache.peek('n', 'a')).toBeUndefined()
    await closed
  })
})
