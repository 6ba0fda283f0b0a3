// What the research found broken in the caches people use today (bentocache 1.6, cache-manager 7.2, cacheable 2.5, FusionCache),
// by the name of the defect. Each was reproduced there before it was written down here.
import { describe, expect, it } from 'vitest'
import type { CacheManager } from '../src/index.ts'
import { gate, setUp } from './set-up.ts'
import { altered, setUpSharing } from './shared/set-up.ts'

const hang = (): Promise<never> => new Promise(() => undefined)
const failing = async (): Promise<string> => {
  throw new Error('database away')
}

/** Lets everything that waits for `ms` or less happen. */
async function pass(clock: { advance(ms: number): Promise<void> }, ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) await clock.advance(1)
}

describe('an invalidation that races a running loader is lost (bentocache, cache-manager wrap, cacheable getOrSet)', () => {
  const invalidations: [string, (cache: CacheManager) => Promise<unknown>][] = [
    ['delete', (cache) => cache.delete('n', 'k')],
    ['tag', (cache) => cache.invalidateTags(['t'])],
  ]
  it.each(invalidations)('in one process: %s', async (_, invalidate) => {
    const { cache } = setUp()
    const { promise, resolve } = gate<string>()
    const early = cache.getOrSet('n', 'k', () => promise, { tags: ['t'] })
    await invalidate(cache)
    resolve('old')
    await early
    expect(await cache.get('n', 'k')).toBeUndefined()
  })

  it.each(invalidations)('across processes: %s', async (_, invalidate) => {
    const { join, heard } = setUpSharing()
    const [a, b, c] = [await join(), await join(), await join()]
    const started = gate<void>()
    const { promise, resolve } = gate<string>()
    const early = a.cache.getOrSet('n', 'k', () => (started.resolve(), promise), { tags: ['t'] })
    await started.promise
    await invalidate(b.cache)
    resolve('old')
    await early
    await heard()
    for (const { cache } of [a, b, c]) expect(await cache.get('n', 'k')).toBeUndefined()
  })

  it('also while an early renewal runs (FusionCache #628)', async () => {
    const { cache, clock } = setUp({ namespaces: { n: { ttlMs: 1_000 } }, random: () => 0.999_999 })
    const first = cache.getOrSet('n', 'k', async () => (await clock.sleep(100), 'first'))
    await clock.advance(100)
    await first
    await clock.advance(950)
    const { promise, resolve } = gate<string>()
    expect(await cache.getOrSet('n', 'k', () => promise)).toBe('first')
    await cache.delete('n', 'k')
    resolve('old')
    await clock.advance(0)
    expect(await cache.get('n', 'k')).toBeUndefined()
  })
})

describe('a key hangs after an error of the second tier (bentocache: its lock is never released)', () => {
  it('does not hang here, whatever call failed', async () => {
    for (const broken of ['read', 'lock', 'write', 'unlock', 'stamps', 'extend'] as const) {
      const { join } = setUpSharing((store) => altered(store, { [broken]: failing }))
      const { cache } = await join()
      expect(await cache.getOrSet('n', 'k', async () => 'first')).toBe('first')
      await cache.delete('n', 'k')
      expect(await cache.getOrSet('n', 'k', async () => 'second')).toBe('second')
    }
  })
})

describe('a second tier that hangs for 3 s adds 6 s to a read (bentocache, cacheable)', () => {
  it('adds 50 ms here, once', async () => {
    const { join, clock } = setUpSharing((store) => altered(store, { read: hang, write: hang, lock: hang }))
    const { cache } = await join()
    let endedAt = 0
    const startedAt = clock.monotonic()
    void cache.getOrSet('n', 'k', async () => 'value').then(() => (endedAt = clock.monotonic()))
    await pass(clock, 60)
    expect(endedAt - startedAt).toBe(50)
  })
})

describe('a failing second tier hides what memory holds (cache-manager, nonBlocking)', () => {
  it('does not here', async () => {
    const { join, store } = setUpSharing()
    const { cache } = await join()
    await cache.set('n', 'k', 'value')
    store.disconnect()
    expect(await cache.get('n', 'k')).toBe('value')
  })
})

describe('undefined is not cached, the loader runs each time (cache-manager)', () => {
  it('is cached here, in both tiers', async () => {
    const { join } = setUpSharing()
    const [a, b] = [await join(), await join()]
    let loads = 0
    const load = async () => void loads++
    for (const { cache } of [a, a, b, b]) expect(await cache.getOrSet('n', 'k', load)).toBeUndefined()
    expect(loads).toBe(1)
  })
})

describe('a stale value is lost while it is renewed (bentocache #115, cache-manager #586)', () => {
  it('is served here until the new one is there', async () => {
    const { cache, clock } = setUp({ namespaces: { n: { ttlMs: 1_000, staleWhileRevalidateMs: 9_000 } } })
    await cache.set('n', 'k', 'old')
    await clock.advance(1_500)
    for (let i = 0; i < 5; i++) expect(await cache.getOrSet('n', 'k', failing)).toBe('old')
  })
})

describe('a renewal in the background runs many times (cache-manager #619, #620)', () => {
  it('runs once here', async () => {
    const { cache, clock } = setUp({ namespaces: { n: { ttlMs: 1_000, staleWhileRevalidateMs: 9_000 } } })
    await cache.set('n', 'k', 'old')
    await clock.advance(1_500)
    let loads = 0
    const { promise, resolve } = gate<string>()
    await Promise.all(Array.from({ length: 100 }, () => cache.getOrSet('n', 'k', () => (loads++, promise))))
    resolve('new')
    expect(loads).toBe(1)
  })
})

describe('an early renewal ignores what another process renewed (FusionCache #604, #651)', () => {
  it('looks there first here', async () => {
    const { join, clock } = setUpSharing()
    const options = { namespaces: { n: { ttlMs: 10_000 } }, random: () => 0.999_999 }
    const [a, b] = [await join(options), await join(options)]
    const first = a.cache.getOrSet('n', 'k', async () => (await clock.sleep(100), 'old'))
    await pass(clock, 110)
    await first
    expect(await b.cache.get('n', 'k')).toBe('old')
    await clock.advance(9_500)
    await a.cache.set('n', 'k2', 'other')
    void a.cache.getOrSet('n', 'k', async () => (await clock.sleep(100), 'new'))
    await pass(clock, 110)
    expect(await b.cache.getOrSet('n', 'k', failing)).toBe('old')
    await pass(clock, 5)
    expect(await b.cache.getOrSet('n', 'k', failing)).toBe('new')
  })
})

describe('a time to live of more than 24.8 days overflows a timer (bentocache #61)', () => {
  it('does not here: there is no timer', async () => {
    const { cache, clock } = setUp()
    await cache.set('n', 'k', 'value', { ttlMs: 60 * 86_400_000 })
    await clock.advance(59 * 86_400_000)
    expect(await cache.get('n', 'k')).toBe('value')
    await clock.advance(86_400_000)
    expect(await cache.get('n', 'k')).toBeUndefined()
  })
})

describe('has() says yes after a tag was invalidated (bentocache #64)', () => {
  it('says no here', async () => {
    const { cache } = setUp()
    await cache.set('n', 'k', 'value', { tags: ['t'] })
    await cache.invalidateTags(['t'])
    expect(cache.has('n', 'k')).toBe(false)
  })
})

describe('each tag of an entry is asked for one after another (bentocache)', () => {
  it('are asked for in one command here', async () => {
    let calls = 0
    const { join } = setUpSharing((store) =>
      altered(store, {
        read: (...args) => (calls++, store.read(...args)),
        stamps: (...args) => (calls++, store.stamps(...args)),
      }),
    )
    const [a, b] = [await join(), await join()]
    const tags = Array.from({ length: 30 }, (_, i) => `t${i}`)
    await a.cache.set('n', 'k', 'value', { tags })
    calls = 0
    expect(await b.cache.getOrSet('n', 'k', failing, { tags })).toBe('value')
    expect(calls).toBe(1)
    const c = await join()
    calls = 0
    // A read that cannot know the tags beforehand needs one question more, for all of them.
    expect(await c.cache.get('n', 'k')).toBe('value')
    expect(calls).toBe(2)
  })
})
