import type { Clock } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { gate } from '../set-up.ts'
import { altered, setUpSharing } from './set-up.ts'

const HOUR = 3_600_000

describe('a process whose clock is wrong', () => {
  it.each([3 * HOUR, -3 * HOUR])(
    'by %d ms: what it stored is not fresh for longer elsewhere',
    async (wrongMs) => {
      const { join, clock } = setUpSharing()
      const wrong: Clock = { ...clock, now: () => clock.now() + wrongMs }
      const [a, b] = [await join({ clock: wrong }), await join()]
      await a.cache.set('n', 'k', 'value', { ttlMs: 60_000 })
      expect(await b.cache.get('n', 'k')).toBeUndefined()
      expect(await b.cache.getOrSet('n', 'k', async () => 'new', { ttlMs: 60_000 })).toBe('new')
      expect(await a.cache.getOrSet('n', 'k', async () => 'newer')).toBe('value')
    },
  )

  it('by less than the time to live: it is fresh for at most that much longer', async () => {
    const { join, clock } = setUpSharing()
    const wrong: Clock = { ...clock, now: () => clock.now() + 1_000 }
    const [a, b] = [await join({ clock: wrong }), await join()]
    await a.cache.set('n', 'k', 'value', { ttlMs: 60_000, staleIfErrorMs: HOUR })
    await clock.advance(59_500)
    expect(await b.cache.get('n', 'k')).toBe('value')
    expect(b.cache.entry('n', 'k')?.remainingMs).toBe(1_500)
  })
})

describe('a lease that is granted after an invalidation', () => {
  it('is given back at once: whoever asks then does not wait for an outdated load', async () => {
    const granted = gate<void>()
    const { join, clock } = setUpSharing((store) =>
      altered(store, {
        lock: async (...args) => {
          const answer = await store.lock(...args)
          await granted.promise
          return answer
        },
      }),
    )
    const { cache } = await join()
    const old = gate<string>()
    const first = cache.getOrSet('n', 'k', () => old.promise)
    await clock.advance(1)
    await cache.delete('n', 'k')
    granted.resolve()
    await clock.advance(1)
    expect(await cache.getOrSet('n', 'k', async () => 'new')).toBe('new')
    old.resolve('old')
    expect(await first).toBe('old')
  })
})
