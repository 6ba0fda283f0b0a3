import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CacheManager } from '../../src/index.ts'
import { setUpSharing } from './set-up.ts'

const KEYS = ['a', 'b']
const PROCESSES = 3

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      call: fc.constantFrom('load', 'get', 'many'),
      process: fc.nat(PROCESSES - 1),
      key: fc.constantFrom(...KEYS),
      ms: fc.nat(20),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constantFrom('delete', 'tag', 'pattern', 'namespace', 'clear', 'set'),
      process: fc.nat(PROCESSES - 1),
      key: fc.constantFrom(...KEYS),
      ms: fc.nat(0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ call: fc.constant('time'), process: fc.constant(0), key: fc.constant('a'), ms: fc.nat(80) }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constantFrom('outage', 'amnesia'), process: fc.constant(0), key: fc.constant('a'), ms: fc.nat(20) }) },
) // prettier-ignore

/** One turn of the event loop: notices are delivered. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function invalidate(cache: CacheManager, call: string, key: string): Promise<void> {
  if (call === 'delete') await cache.delete('n', key)
  else if (call === 'tag') await cache.invalidateTags([`t${key}`])
  else if (call === 'pattern') await cache.delPattern(`?:${key}`)
  else if (call === 'namespace') await cache.clear('n')
  else await cache.clear()
}

it('whoever asks after an invalidation gets nothing older, whatever runs at the same time in three processes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { join, store, clock } = setUpSharing()
      const namespaces = { n: { ttlMs: 50, staleIfErrorMs: 1_000, staleWhileRevalidateMs: 30 } }
      const caches: CacheManager[] = []
      for (let i = 0; i < PROCESSES; i++) caches.push((await join({ namespaces })).cache)
      // What the database holds, and what an invalidation that everybody has heard of made the oldest one allowed.
      const truth: Record<string, number> = { a: 0, b: 0 }
      const oldest: Record<string, number> = { a: 0, b: 0 }
      const running: Promise<unknown>[] = []
      let away = false

      for (const { call, process, key, ms } of steps) {
        const cache = caches[process]!
        if (call === 'load') {
          const least = oldest[key]!
          const load = async (): Promise<number> => {
            const value = truth[key]!
            await clock.sleep(ms)
            return value
          }
          const read = cache.getOrSet('n', key, load, { tags: [`t${key}`] })
          running.push(read.then((value) => expect(value).toBeGreaterThanOrEqual(least)))
        } else if (call === 'get' || call === 'many') {
          const least = oldest[key]!
          const read =
            call === 'get'
              ? cache.get<number>('n', key)
              : cache.getMany<number>('n', KEYS).then((found) => found.get(key))
          running.push(read.then((value) => expect(value ?? Infinity).toBeGreaterThanOrEqual(least)))
        } else if (call === 'time') {
          await clock.advance(ms)
        } else if (call === 'amnesia') {
          store.loseHistory()
          await turn()
        } else if (call === 'outage') {
          away = !away
          if (away) store.disconnect()
          else store.reconnect()
          // Everything that was kept is delivered, and everybody has caught up.
          if (!away) await clock.advance(40_000)
          if (!away)
            for (const name of KEYS) oldest[name] = Math.max(oldest[name]!, oldest[`${name} kept`] ?? 0)
        } else {
          const value = ++truth[key]!
          if (call === 'set') await cache.set('n', key, value, { tags: [`t${key}`] })
          else await invalidate(cache, call, key)
          await turn()
          // While the store is away, others cannot know.
          if (away) oldest[`${key} kept`] = value
          else oldest[key] = value
        }
      }
      if (away) store.reconnect()
      await clock.advance(40_000)
      await Promise.all(running)
      await Promise.all(caches.map((cache) => cache.close()))
    }),
    { numRuns: 300 },
  )
})
