import { MetricRegistry } from '@millrace/core/metrics'
import { describe, expect, it } from 'vitest'
import { cacheErrors } from '../../src/errors.ts'
import { createCache } from '../../src/index.ts'
import { altered, setUpSharing } from './set-up.ts'

const hang = (): Promise<never> => new Promise(() => undefined)

describe('a shared tier that is away', () => {
  it('fails no request: memory and loaders go on', async () => {
    const { join, store } = setUpSharing()
    const { cache } = await join()
    await cache.set('n', 'known', 1)
    store.disconnect()
    for (let i = 0; i < 20; i++) {
      expect(await cache.getOrSet('n', `k${i}`, async () => i)).toBe(i)
      expect(await cache.get('n', `x${i}`)).toBeUndefined()
      await cache.set('n', `s${i}`, i)
      await cache.delete('n', `d${i}`)
      expect(await cache.getMany('n', ['known', 'y'])).toEqual(new Map([['known', 1]]))
    }
    await cache.invalidateTags(['t'])
    await cache.delPattern('n:q*')
    expect(cache.sharedStatus()).toMatchObject({ store: 'memory', available: false })
    await cache.clear()
    expect(cache.has('n', 'known')).toBe(false)
  })

  it('is used again by itself, and gets what was invalidated meanwhile first', async () => {
    const { join, store, clock } = setUpSharing()
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'deleted', 'old')
    await a.cache.set('n', 'tagged', 'old', { tags: ['t'] })
    await a.cache.set('n', 'matched', 'old')
    await a.cache.set('n', 'replaced', 'old')
    await a.cache.set('m', 'cleared', 'old')
    await a.cache.set('n', 'untouched', 'kept')
    store.disconnect()
    await a.cache.delete('n', 'deleted')
    await a.cache.invalidateTags(['t'])
    await a.cache.delPattern('n:mat*')
    await a.cache.set('n', 'replaced', 'new')
    await a.cache.clear('m')
    expect(a.cache.sharedStatus()).toMatchObject({ available: false, undelivered: 5 })
    store.reconnect()
    expect(await a.cache.get('n', 'deleted')).toBeUndefined()
    await clock.advance(2_000)
    expect(a.cache.sharedStatus()).toMatchObject({ available: true, undelivered: 0 })
    expect(a.metric('replayed_invalidations_total')).toBe(5)
    for (const id of ['deleted', 'tagged', 'matched', 'replaced']) {
      expect(await b.cache.get('n', id)).toBeUndefined()
    }
    expect(await b.cache.get('m', 'cleared')).toBeUndefined()
    expect(await b.cache.get('n', 'untouched')).toBe('kept')
    // Nothing is taken from the one who set it.
    expect(a.cache.peek('n', 'replaced')).toBe('new')
  })

  it('replays a bounded number of invalidations, and makes everything stale when there are more', async () => {
    const { join, store, clock } = setUpSharing()
    const [a, b] = [await join({ maxUndelivered: 10 }), await join()]
    await a.cache.set('n', 'untouched', 'kept')
    store.disconnect()
    for (let i = 0; i < 11; i++) await a.cache.delete('n', String(i))
    expect(a.cache.sharedStatus()?.undelivered).toBe(1)
    store.reconnect()
    await clock.advance(2_000)
    expect(a.cache.sharedStatus()).toMatchObject({ available: true, undelivered: 0 })
    expect(await b.cache.get('n', 'untouched')).toBeUndefined()
  })

  it('is left alone after five failures in a row, and looked for with growing pauses', async () => {
    let reads = 0
    let pings = 0
    const { join, clock } = setUpSharing((store) =>
      altered(store, {
        read: async () => {
          reads++
          throw new Error('away')
        },
        ping: async () => {
          pings++
          throw new Error('away')
        },
      }),
    )
    const { cache, metric } = await join()
    for (let i = 0; i < 20; i++) await cache.get('n', String(i))
    expect(reads).toBe(5)
    expect(metric('shared_up')).toBe(0)
    expect(metric('shared_errors_total', { reason: 'unavailable' })).toBe(5)
    await clock.advance(1_000)
    expect(pings).toBe(1)
    await clock.advance(60_000)
    expect(pings).toBeGreaterThanOrEqual(5)
    expect(pings).toBeLessThanOrEqual(8)
  })
})

describe('a shared tier that hangs', () => {
  it('costs a request its time limit once, not once per step', async () => {
    let hanging: string[] = []
    const { join, clock } = setUpSharing((store) =>
      altered(
        store,
        Object.fromEntries(
          (['read', 'write', 'lock', 'stamps', 'invalidate', 'unlock'] as const).map((name) => [
            name,
            (...args: never[]) =>
              hanging.includes(name) ? hang() : (store[name] as (...args: never[]) => unknown)(...args),
          ]),
        ),
      ),
    )
    const { cache } = await join()
    for (const steps of [['read'], ['lock'], ['write'], ['read', 'write', 'lock', 'stamps']]) {
      hanging = steps
      const before = clock.monotonic()
      let endedAt = Infinity
      const read = cache
        .getOrSet('n', steps.join(), async () => 'loaded')
        .then((value) => ((endedAt = clock.monotonic()), value))
      for (let i = 0; i < 10; i++) await clock.advance(0)
      await clock.advance(50)
      for (let i = 0; i < 10; i++) await clock.advance(0)
      expect(await read).toBe('loaded')
      expect(endedAt - before).toBeLessThanOrEqual(50)
      hanging = []
      await cache.get('n', 'heals')
    }
  })

  it('costs a read, a write and an invalidation no more than its time limit', async () => {
    const { join, clock } = setUpSharing((store) =>
      altered(store, { read: hang, write: hang, invalidate: hang, stamps: hang }),
    )
    const { cache, metric } = await join({ sharedTimeoutMs: 20 })
    for (const call of [
      () => cache.get('n', 'a'),
      () => cache.getMany('n', ['a', 'b']),
      () => cache.set('n', 'a', 1),
    ]) {
      let ended = false
      void call().then(() => (ended = true))
      await clock.advance(1)
      await clock.advance(20)
      await clock.advance(0)
      expect(ended).toBe(true)
    }
    expect(metric('shared_errors_total', { reason: 'timeout' })).toBe(3)
  })

  it('costs no more when one step is slow and the next one hangs', async () => {
    const { join, clock } = setUpSharing((store) => {
      let reads = 0
      return altered(store, {
        read: (...args) => (++reads > 1 ? hang() : store.read(...args)),
        lock: async (...args) => (await clock.sleep(30), store.lock(...args)),
      })
    })
    const { cache } = await join()
    let endedAt = Infinity
    const startedAt = clock.monotonic()
    void cache.getOrSet('n', 'k', async () => 'loaded').then(() => (endedAt = clock.monotonic()))
    for (let i = 0; i < 60; i++) await clock.advance(1)
    expect(endedAt - startedAt).toBe(50)
  })

  it('is given nothing that took so long to load that an invalidation may be forgotten', async () => {
    const { join, clock } = setUpSharing()
    const [a, b] = [await join({ loaderTimeoutMs: 120_000 }), await join()]
    const slow = a.cache.getOrSet('n', 'k', async () => (await clock.sleep(51_000), 'slow'))
    for (let i = 0; i < 55; i++) await clock.advance(1_000)
    expect(await slow).toBe('slow')
    expect(a.cache.has('n', 'k')).toBe(true)
    expect(await b.cache.get('n', 'k')).toBeUndefined()
  })

  it('leaves no key hanging after an error in the middle of a load', async () => {
    let broken = true
    const fail = (): Promise<never> => Promise.reject(new Error('broken'))
    const { join } = setUpSharing((store) =>
      altered(store, {
        lock: (...args) => (broken ? fail() : store.lock(...args)),
        write: (...args) => (broken ? fail() : store.write(...args)),
        unlock: (...args) => (broken ? fail() : store.unlock(...args)),
      }),
    )
    const [a, b] = [await join(), await join()]
    expect(await a.cache.getOrSet('n', 'k', async () => 1)).toBe(1)
    await a.cache.clear()
    broken = false
    expect(await b.cache.getOrSet('n', 'k', async () => 2)).toBe(2)
    expect(await a.cache.getOrSet('n', 'k', async () => 3)).toBe(2)
  })
})

describe('a shared tier that answers garbage', () => {
  it('is a miss, counted, and never an error', async () => {
    const { join } = setUpSharing((store) =>
      altered(store, {
        read: async (keys, names) => {
          const read = await store.read(keys, names)
          return {
            ...read,
            records: keys.map(() => ({ version: read.version, payload: Buffer.from('garbage') })),
          }
        },
      }),
    )
    const { cache, metric } = await join()
    expect(await cache.get('n', 'a')).toBeUndefined()
    expect(await cache.getOrSet('n', 'a', async () => 'loaded')).toBe('loaded')
    expect(metric('shared_errors_total', { reason: 'corrupt' })).toBeGreaterThanOrEqual(2)
  })
})

describe('following the invalidations of others', () => {
  it('catches up after the connection was away', async () => {
    const { join, store, clock, heard } = setUpSharing()
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k', 'old')
    expect(await b.cache.get('n', 'k')).toBe('old')
    store.disconnect()
    await heard()
    expect(b.cache.sharedStatus()?.following).toBe(false)
    expect(await b.cache.get('n', 'k')).toBe('old')
    await a.cache.delete('n', 'k')
    store.reconnect()
    await clock.advance(2_000)
    expect(b.cache.sharedStatus()?.following).toBe(true)
    expect(await b.cache.get('n', 'k')).toBeUndefined()
  })

  it('trusts nothing in memory after notices were missed, but serves it when nothing else can be had', async () => {
    const { join, store, heard, clock } = setUpSharing()
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k', 'v')
    expect(await b.cache.get('n', 'k')).toBe('v')
    store.loseHistory()
    await heard()
    expect(b.metric('follower_gaps_total')).toBe(1)
    expect(b.cache.getSync('n', 'k')).toBeUndefined()
    const failing = async (): Promise<string> => {
      throw new Error('database away')
    }
    expect(await b.cache.getOrSet('n', 'k', failing)).toBe('v')
    expect(b.metric('stale_served_total', { reason: 'error' })).toBe(1)
    await clock.advance(1_001)
    expect(await b.cache.getOrSet('n', 'k', async () => 'loaded')).toBe('loaded')
  })

  it('discards what was being loaded when notices were missed', async () => {
    const { join, store, heard } = setUpSharing()
    const { cache } = await join()
    const { promise, resolve } = Promise.withResolvers<string>()
    const load = cache.getOrSet('n', 'k', () => promise)
    store.loseHistory()
    await heard()
    resolve('old')
    expect(await load).toBe('old')
    expect(cache.has('n', 'k')).toBe(false)
  })
})

describe('a shared tier that is full', () => {
  it('is read and told of invalidations as before, whatever it refuses', async () => {
    const { join, heard } = setUpSharing((store) =>
      altered(store, { write: () => Promise.reject(cacheErrors.STORE_FULL({ store: 'memory' })) }),
    )
    const [a, b] = [await join(), await join()]
    for (let i = 0; i < 20; i++) expect(await a.cache.getOrSet('n', `k${i}`, async () => i)).toBe(i)
    expect(await b.cache.getOrSet('n', 'k0', async () => 'own')).toBe('own')
    expect(a.cache.sharedStatus()).toMatchObject({ available: true })
    expect(a.metric('shared_errors_total', { reason: 'refused' })).toBe(20)
    await a.cache.delete('n', 'k0')
    await heard()
    expect(b.cache.has('n', 'k0')).toBe(false)
  })
})

describe('a shared tier that takes long', () => {
  it('gets a value although nobody waits for that any more', async () => {
    const { join, clock } = setUpSharing((store) =>
      altered(store, {
        read: async (...args) => (await clock.sleep(20), store.read(...args)),
        lock: async (...args) => (await clock.sleep(20), store.lock(...args)),
        write: async (...args) => (await clock.sleep(20), store.write(...args)),
      }),
    )
    const [a, b] = [await join(), await join()]
    let tookMs = Infinity
    const startedAt = clock.monotonic()
    void a.cache.getOrSet('n', 'k', async () => 'value').then(() => (tookMs = clock.monotonic() - startedAt))
    for (let i = 0; i < 100; i++) await clock.advance(1)
    expect(tookMs).toBeLessThanOrEqual(51)
    const reading = b.cache.get('n', 'k')
    for (let i = 0; i < 30; i++) await clock.advance(1)
    expect(await reading).toBe('value')
    expect(a.cache.sharedStatus()).toMatchObject({ available: true })
  })

  it('is given more time for what was kept for it than a request has', async () => {
    let slow = false
    const { join, clock, store } = setUpSharing((store) =>
      altered(store, {
        invalidate: async (...args) => (slow && (await clock.sleep(400)), store.invalidate(...args)),
      }),
    )
    const { cache } = await join()
    store.disconnect()
    await cache.delete('n', 'k')
    slow = true
    store.reconnect()
    await clock.advance(2_000)
    expect(cache.sharedStatus()).toMatchObject({ available: true, undelivered: 0 })
  })
})

describe('closing with a shared tier', () => {
  it('waits for what is on its way, and not for ever', async () => {
    const { join, clock, heard } = setUpSharing((store) => altered(store, { write: hang }))
    const { cache } = await join()
    cache.setSync('n', 'k', 1)
    await heard()
    let closed = false
    void cache.close().then(() => (closed = true))
    await heard()
    expect(closed).toBe(false)
    await clock.advance(50)
    for (let i = 0; i < 5; i++) await heard()
    expect(closed).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('delivers what was invalidated before there was a connection', async () => {
    const { store, join, clock, heard } = setUpSharing()
    const { cache } = await join()
    await cache.set('n', 'k', 'old')
    const script = createCache({ clock, registry: new MetricRegistry(), shared: store.driver() })
    await script.delete('n', 'k')
    await script.close()
    await heard()
    expect(await cache.get('n', 'k')).toBeUndefined()
  })

  it('delivers what was kept while the store was away, if it is back', async () => {
    const { store, join, heard } = setUpSharing()
    const [a, b] = [await join(), await join()]
    await a.cache.set('n', 'k', 'old')
    expect(await b.cache.get('n', 'k')).toBe('old')
    store.disconnect()
    await a.cache.delete('n', 'k')
    store.reconnect()
    await a.cache.close()
    await heard()
    expect(await b.cache.get('n', 'k')).toBeUndefined()
  })

  it('ends locks, timers and pauses', async () => {
    const { join, clock, store } = setUpSharing()
    const [a, b] = [await join(), await join()]
    const { promise } = Promise.withResolvers<string>()
    const loads = Promise.allSettled([
      a.cache.getOrSet('n', 'k', () => promise),
      b.cache.getOrSet('n', 'k', () => promise),
    ])
    for (let i = 0; i < 5; i++) await clock.advance(1)
    store.disconnect()
    await a.cache.delete('n', 'x')
    await Promise.all([a.cache.close(), b.cache.close()])
    for (const { status } of await loads) expect(status).toBe('rejected')
    for (let i = 0; i < 5; i++) await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  it('goes on in memory alone when the settings of the tier are wrong', async () => {
    const { join } = setUpSharing((store) =>
      altered(store, { connect: () => Promise.reject(new Error('no such topology')) }),
    )
    await expect(join()).rejects.toThrow('no such topology')
  })
})
