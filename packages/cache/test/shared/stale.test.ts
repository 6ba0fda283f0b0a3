import { describe, expect, it } from 'vitest'
import { gate, setUp } from '../set-up.ts'
import { altered, setUpSharing } from './set-up.ts'

const failing = async (): Promise<string> => {
  throw new Error('database away')
}

describe('stale while revalidate', () => {
  const n = { ttlMs: 1_000, staleWhileRevalidateMs: 5_000 }

  it('answers at once with the stale value, and renews it once', async () => {
    const { cache, clock, metric } = setUp({ namespaces: { n } })
    await cache.set('n', 'k', 'old')
    await clock.advance(1_500)
    const { promise, resolve } = gate<string>()
    let loads = 0
    const load = () => (loads++, promise)
    expect(await Promise.all([1, 2, 3].map(() => cache.getOrSet('n', 'k', load)))).toEqual([
      'old',
      'old',
      'old',
    ])
    expect(loads).toBe(1)
    expect(await cache.get('n', 'k')).toBeUndefined()
    resolve('new')
    await clock.advance(0)
    expect(await cache.getOrSet('n', 'k', load)).toBe('new')
    expect(loads).toBe(1)
    expect(metric('stale_served_total', { reason: 'revalidate' })).toBe(3)
  })

  it('waits for a new value when the old one is too old', async () => {
    const { cache, clock } = setUp({ namespaces: { n } })
    await cache.set('n', 'k', 'old')
    await clock.advance(6_000)
    expect(await cache.getOrSet('n', 'k', async () => 'new')).toBe('new')
  })

  it('never serves what was invalidated', async () => {
    const { cache, clock } = setUp({ namespaces: { n } })
    await cache.set('n', 'a', 'old', { tags: ['t'] })
    await cache.set('n', 'b', 'old')
    await clock.advance(1_500)
    await cache.invalidateTags(['t'])
    await cache.delete('n', 'b')
    expect(await cache.getOrSet('n', 'a', async () => 'new')).toBe('new')
    expect(await cache.getOrSet('n', 'b', async () => 'new')).toBe('new')
  })

  it('renews once among processes', async () => {
    const { join, clock } = setUpSharing()
    const namespaces = { n }
    const processes = [await join({ namespaces }), await join({ namespaces }), await join({ namespaces })]
    await processes[0]!.cache.set('n', 'k', 'old')
    for (const { cache } of processes) expect(await cache.get('n', 'k')).toBe('old')
    await clock.advance(1_500)
    let loads = 0
    const load = async () => (loads++, await clock.sleep(10), 'new')
    for (const { cache } of processes) expect(await cache.getOrSet('n', 'k', load)).toBe('old')
    for (let i = 0; i < 60; i++) await clock.advance(1)
    for (const { cache } of processes) expect(await cache.getOrSet('n', 'k', load)).toBe('new')
    expect(loads).toBe(1)
  })

  it('serves a process that has nothing yet from the shared tier, while it renews', async () => {
    const { join, clock } = setUpSharing()
    const namespaces = { n }
    const a = await join({ namespaces })
    await a.cache.set('n', 'k', 'old')
    await clock.advance(1_500)
    const b = await join({ namespaces })
    const { promise, resolve } = gate<string>()
    expect(await b.cache.getOrSet('n', 'k', () => promise)).toBe('old')
    resolve('new')
    for (let i = 0; i < 5; i++) await clock.advance(1)
    expect(await b.cache.getOrSet('n', 'k', failing)).toBe('new')
  })
})

describe('stale if error', () => {
  const n = { ttlMs: 1_000, staleIfErrorMs: 60_000 }

  it('serves the old value when loading fails, and does not load again at every read', async () => {
    const { cache, clock, metric } = setUp({ namespaces: { n } })
    await cache.set('n', 'k', 'old')
    await clock.advance(2_000)
    let loads = 0
    const load = () => (loads++, failing())
    for (let i = 0; i < 10; i++) expect(await cache.getOrSet('n', 'k', load)).toBe('old')
    expect(loads).toBe(1)
    await clock.advance(1_000)
    expect(await cache.getOrSet('n', 'k', load)).toBe('old')
    expect(loads).toBe(2)
    expect(metric('stale_served_total', { reason: 'error' })).toBe(2)
    await clock.advance(1_000)
    expect(await cache.getOrSet('n', 'k', async () => 'new')).toBe('new')
  })

  it('ends with its time, however often the value stood in', async () => {
    const { cache, clock } = setUp({ namespaces: { n } })
    await cache.set('n', 'k', 'old')
    for (let second = 2; second < 61; second += 2) {
      await clock.advance(2_000)
      expect(await cache.getOrSet('n', 'k', failing)).toBe('old')
    }
    await clock.advance(2_000)
    await expect(cache.getOrSet('n', 'k', failing)).rejects.toThrow('database away')
  })

  it('serves from the shared tier what this process never held', async () => {
    const { join, clock } = setUpSharing()
    const namespaces = { n }
    const [a, b] = [await join({ namespaces }), await join({ namespaces })]
    await a.cache.set('n', 'k', 'old')
    await clock.advance(2_000)
    expect(await b.cache.getOrSet('n', 'k', failing)).toBe('old')
  })

  it('serves memory when loader and shared tier are both away', async () => {
    const { join, clock, store } = setUpSharing()
    const { cache } = await join({ namespaces: { n } })
    await cache.set('n', 'k', 'old')
    await clock.advance(2_000)
    store.disconnect()
    expect(await cache.getOrSet('n', 'k', failing)).toBe('old')
  })

  it('returns the old value when loading takes longer than the soft limit, and lets the load go on', async () => {
    const { cache, clock, metric } = setUp({ namespaces: { n: { ...n, loaderSoftTimeoutMs: 100 } } })
    await cache.set('n', 'k', 'old')
    await clock.advance(2_000)
    const { promise, resolve } = gate<string>()
    const read = cache.getOrSet('n', 'k', () => promise)
    await clock.advance(100)
    expect(await read).toBe('old')
    resolve('new')
    await clock.advance(0)
    expect(await cache.get('n', 'k')).toBe('new')
    expect(metric('stale_served_total', { reason: 'timeout' })).toBe(1)
  })

  it('waits up to the hard limit when there is no old value', async () => {
    const { cache, clock } = setUp({
      namespaces: { n: { ...n, loaderSoftTimeoutMs: 100, loaderTimeoutMs: 500 } },
    })
    const read = cache.getOrSet('n', 'k', () => gate<string>().promise)
    const settled = Promise.allSettled([read])
    await clock.advance(500)
    expect(await settled).toMatchObject([{ reason: { code: 'CACHE_LOADER_TIMEOUT' } }])
  })
})

describe('negative caching', () => {
  it.each([undefined, null])('remembers %s for a time of its own, in both tiers', async (nothing) => {
    const { join, clock } = setUpSharing()
    const namespaces = { n: { ttlMs: 60_000, negativeTtlMs: 1_000 } }
    const [a, b] = [await join({ namespaces }), await join({ namespaces })]
    let loads = 0
    const load = async () => (loads++, nothing)
    expect(await a.cache.getOrSet('n', 'k', load)).toBe(nothing)
    expect(await a.cache.getOrSet('n', 'k', load)).toBe(nothing)
    expect(await b.cache.getOrSet('n', 'k', load)).toBe(nothing)
    expect(loads).toBe(1)
    await clock.advance(1_000)
    await b.cache.getOrSet('n', 'k', load)
    expect(loads).toBe(2)
  })

  it('does not remember it at all with 0', async () => {
    const { cache } = setUp()
    let loads = 0
    const load = async () => void loads++
    await cache.getOrSet('n', 'k', load, { negativeTtlMs: 0 })
    await cache.getOrSet('n', 'k', load, { negativeTtlMs: 0 })
    expect(loads).toBe(2)
  })
})

describe('early renewal (XFetch)', () => {
  const n = { ttlMs: 10_000 }
  const slow = (clock: { sleep(ms: number): Promise<void> }, value: string) => async () => {
    await clock.sleep(100)
    return value
  }

  it('renews before the time is over, the likelier the nearer, while the value is served', async () => {
    let random = 0.5
    const { cache, clock, metric } = setUp({ namespaces: { n }, random: () => random })
    const first = cache.getOrSet('n', 'k', slow(clock, 'old'))
    await clock.advance(100)
    expect(await first).toBe('old')
    const read = () => cache.getOrSet('n', 'k', slow(clock, 'new'))
    // -100 ms · ln(1 - 0.5) = 69 ms before its end.
    await clock.advance(9_900)
    expect(await read()).toBe('old')
    expect(metric('early_refreshes_total')).toBe(0)
    random = 0.9
    expect(await read()).toBe('old')
    expect(await read()).toBe('old')
    expect(metric('early_refreshes_total')).toBe(1)
    await clock.advance(100)
    expect(await cache.get('n', 'k')).toBe('new')
  })

  it('can be switched off, for a namespace and in a call', async () => {
    const { cache, clock, metric } = setUp({ namespaces: { n }, random: () => 0.999_999 })
    const first = cache.getOrSet('n', 'k', slow(clock, 'old'))
    await clock.advance(100)
    await first
    await clock.advance(9_999)
    await cache.getOrSet('n', 'k', failing, { earlyExpirationBeta: 0 })
    expect(metric('early_refreshes_total')).toBe(0)
  })

  it('takes the renewed value of another process instead of loading', async () => {
    const { join, clock } = setUpSharing()
    const options = { namespaces: { n }, random: () => 0.999_999 }
    const [a, b] = [await join(options), await join(options)]
    const first = a.cache.getOrSet('n', 'k', slow(clock, 'old'))
    for (let i = 0; i < 110; i++) await clock.advance(1)
    await first
    expect(await b.cache.getOrSet('n', 'k', failing)).toBe('old')
    await clock.advance(9_500)
    await a.cache.getOrSet('n', 'k', slow(clock, 'new'))
    for (let i = 0; i < 110; i++) await clock.advance(1)
    expect(a.cache.peek('n', 'k')).toBe('new')
    expect(await b.cache.getOrSet('n', 'k', failing)).toBe('old')
    for (let i = 0; i < 5; i++) await clock.advance(1)
    expect(b.cache.peek('n', 'k')).toBe('new')
    expect(b.metric('load_errors_total')).toBe(0)
  })
})

describe('one load among processes', () => {
  it('lets the others wait for the one that loads', async () => {
    const { join, clock } = setUpSharing()
    const processes = [await join(), await join(), await join(), await join()]
    let loads = 0
    const load = async () => (loads++, await clock.sleep(1_000), 'value')
    const reads = processes.flatMap(({ cache }) =>
      Array.from({ length: 25 }, () => cache.getOrSet('n', 'k', load)),
    )
    for (let i = 0; i < 300; i++) await clock.advance(5)
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['value']))
    expect(loads).toBe(1)
    expect(processes.reduce((sum, { metric }) => sum + metric('stampedes_avoided_total'), 0)).toBe(99)
  })

  it('lets one of them load when the first one fails', async () => {
    const { join, clock } = setUpSharing()
    const [a, b] = [await join(), await join()]
    const first = Promise.allSettled([a.cache.getOrSet('n', 'k', () => clock.sleep(20).then(failing))])
    const second = b.cache.getOrSet('n', 'k', async () => 'value')
    for (let i = 0; i < 100; i++) await clock.advance(5)
    expect(await first).toMatchObject([{ status: 'rejected' }])
    expect(await second).toBe('value')
  })

  it('keeps the lease of a load that takes longer than the lease', async () => {
    const { join, clock } = setUpSharing()
    const [a, b] = [await join({ leaseMs: 100 }), await join({ leaseMs: 100 })]
    let loads = 0
    const load = async () => (loads++, await clock.sleep(1_000), 'value')
    const reads = [a, b].map(({ cache }) => cache.getOrSet('n', 'k', load))
    for (let i = 0; i < 300; i++) await clock.advance(5)
    expect(await Promise.all(reads)).toEqual(['value', 'value'])
    expect(loads).toBe(1)
  })

  it('does not wait longer than it may', async () => {
    const { join, clock } = setUpSharing()
    const [a, b] = [await join(), await join({ leaseWaitMs: 500 })]
    const hanging = Promise.allSettled([a.cache.getOrSet('n', 'k', () => gate<string>().promise)])
    for (let i = 0; i < 5; i++) await clock.advance(0)
    const read = b.cache.getOrSet('n', 'k', async () => 'own')
    for (let i = 0; i < 110; i++) await clock.advance(5)
    expect(await read).toBe('own')
    await a.cache.close()
    await hanging
  })

  it('takes over from a process that died', async () => {
    const { join, clock } = setUpSharing((store) =>
      altered(store, { extend: async () => false, unlock: async () => undefined }),
    )
    const [a, b] = [await join({ leaseMs: 300 }), await join({ leaseMs: 300 })]
    const lost = Promise.allSettled([a.cache.getOrSet('n', 'k', () => gate<string>().promise)])
    for (let i = 0; i < 5; i++) await clock.advance(0)
    const read = b.cache.getOrSet('n', 'k', async () => 'own')
    for (let i = 0; i < 200; i++) await clock.advance(5)
    expect(await read).toBe('own')
    await a.cache.close()
    await lost
  })
})
