import { waitFor } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { gate, setUp } from '../set-up.ts'
import { setUpSharing } from '../shared/set-up.ts'

const failing = async (): Promise<string> => {
  throw new Error('database away')
}

describe('a refresh', () => {
  it('loads although the shared tier has a fresh value that this process never read', async () => {
    const { join } = setUpSharing()
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k', 'old')
    expect(await b.cache.refresh('n', 'k', async () => 'new')).toBe('new')
    expect(b.cache.peek('n', 'k')).toBe('new')
  })

  it('loads although the shared tier has a stale value that may be served while it is renewed', async () => {
    const { join, clock } = setUpSharing()
    const namespaces = { n: { ttlMs: 1_000, staleWhileRevalidateMs: 5_000 } }
    const [a, b] = [await join({ namespaces }), await join({ namespaces })]
    await a.cache.set('n', 'k', 'old')
    await clock.advance(1_500)
    expect(await b.cache.refresh('n', 'k', async () => 'new')).toBe('new')
  })

  it('fails when loading fails, and what was there is still served', async () => {
    const { cache, clock, metric } = setUp({ namespaces: { n: { ttlMs: 1_000, staleIfErrorMs: 60_000 } } })
    await cache.set('n', 'k', 'old')
    await expect(cache.refresh('n', 'k', failing)).rejects.toThrow('database away')
    expect(await cache.get('n', 'k')).toBe('old')
    await clock.advance(2_000)
    await expect(cache.refresh('n', 'k', failing)).rejects.toThrow('database away')
    expect(await cache.getOrSet('n', 'k', failing)).toBe('old')
    expect(metric('load_errors_total')).toBe(2)
  })

  it('takes what another process loads at the same time', async () => {
    const { join, clock } = setUpSharing()
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k', 'old')
    const { promise, resolve } = gate<string>()
    const first = a.cache.refresh('n', 'k', () => promise)
    await clock.advance(10)
    let loads = 0
    const second = b.cache.refresh('n', 'k', async () => `new ${++loads}`)
    await clock.advance(100)
    resolve('new')
    expect(await first).toBe('new')
    await clock.advance(1_000)
    expect(await second).toBe('new')
    expect(loads).toBe(0)
  })

  it('takes what another process made since, if that will do', async () => {
    const { join, clock } = setUpSharing()
    const [a, b, c] = [await join(), await join(), await join()]
    await a.cache.set('n', 'k', 'old')
    expect(await b.cache.get('n', 'k')).toBe('old')
    await clock.advance(1_000)
    expect(await a.cache.refresh('n', 'k', async () => 'new', { orNewer: true })).toBe('new')
    for (const { cache } of [b, c]) {
      expect(await cache.refresh('n', 'k', async () => 'newer', { orNewer: true })).toBe('new')
    }
  })

  it('does not end with what a load that it joined found in the shared tier', async () => {
    const { join } = setUpSharing()
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k', 'old')
    const reading = b.cache.getOrSet('n', 'k', async () => 'newer')
    expect(await b.cache.refresh('n', 'k', async () => 'new')).toBe('new')
    expect(await reading).toBe('old')
  })
})

describe('a stale value that stands in', () => {
  const keep = { ttlMs: 1_000, staleIfErrorMs: 5_000, loaderSoftTimeoutMs: 200 }

  it('is not what was invalidated while the load was slow', async () => {
    const { cache, clock } = setUp({ namespaces: { n: keep } })
    for (const invalidate of [() => cache.delete('n', 'k'), () => cache.invalidateTags(['t'])]) {
      await cache.set('n', 'k', 'old', { tags: ['t'] })
      await clock.advance(1_500)
      const { promise, resolve } = gate<string>()
      // Of the tag only the old value knows.
      const reading = cache.getOrSet('n', 'k', () => promise)
      await clock.advance(100)
      await invalidate()
      await clock.advance(500)
      resolve('new')
      expect(await reading).toBe('new')
    }
  })

  it('is not what was invalidated while the load failed', async () => {
    const { cache, clock } = setUp({ namespaces: { n: { ttlMs: 1_000, staleIfErrorMs: 5_000 } } })
    await cache.set('n', 'k', 'old', { tags: ['t'] })
    await clock.advance(1_500)
    const { promise, reject } = gate<string>()
    const reading = cache.getOrSet('n', 'k', () => promise)
    await cache.invalidateTags(['t'])
    reject(new Error('database away'))
    await expect(reading).rejects.toThrow('database away')
  })

  it('is not too old when the soft limit is over', async () => {
    const { cache, clock } = setUp({ namespaces: { n: keep } })
    await cache.set('n', 'k', 'old')
    await clock.advance(5_900)
    const { promise, resolve } = gate<string>()
    const reading = cache.getOrSet('n', 'k', () => promise)
    await clock.advance(300)
    resolve('new')
    expect(await reading).toBe('new')
  })
})

describe('that there is nothing, not remembered', () => {
  const n = { ttlMs: 1_000, staleWhileRevalidateMs: 60_000, staleIfErrorMs: 60_000, negativeTtlMs: 0 }

  it('ends what was there before, in every process', async () => {
    const { join, clock } = setUpSharing()
    const namespaces = { n }
    const [a, b] = [await join({ namespaces }), await join({ namespaces })]
    await a.cache.set('n', 'k', 'there')
    expect(await b.cache.get('n', 'k')).toBe('there')
    await clock.advance(1_500)
    expect(await a.cache.getOrSet('n', 'k', async () => undefined)).toBe('there')
    await waitFor(() => a.metric('operation_duration_seconds', { operation: 'invalidate' }) === 2)
    expect(await a.cache.getOrSet('n', 'k', async () => undefined)).toBeUndefined()
    expect(await b.cache.getOrSet('n', 'k', async () => undefined)).toBeUndefined()
    await expect(b.cache.getOrSet('n', 'k', failing)).rejects.toThrow('database away')
  })

  it('tells nobody when there was nothing', async () => {
    const { join } = setUpSharing()
    const { cache, metric } = await join({ namespaces: { n } })
    expect(await cache.getOrSet('n', 'k', async () => undefined)).toBeUndefined()
    expect(metric('operation_duration_seconds', { tier: 'shared', operation: 'invalidate' })).toBe(0)
  })
})
