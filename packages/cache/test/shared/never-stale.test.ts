import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SharedStore } from '../../src/drivers/driver.ts'
import type { CacheManager } from '../../src/index.ts'
import { altered, setUpSharing } from './set-up.ts'

const KEYS = ['a', 'b']
const PROCESSES = 3

const stepOf = (weight: number, maxMs: number, ...calls: string[]) => ({
  weight,
  arbitrary: fc.record({
    call: fc.constantFrom(...calls),
    process: fc.nat(PROCESSES - 1),
    key: fc.constantFrom(...KEYS),
    ms: fc.nat(maxMs),
  }),
})

const step = fc.oneof(
  stepOf(8, 10, 'load', 'get', 'many'),
  stepOf(4, 0, 'delete', 'tag', 'pattern', 'namespace', 'clear', 'set'),
  stepOf(6, 0, 'turn'),
  stepOf(4, 20, 'time'),
  stepOf(1, 300, 'time', 'outage', 'amnesia'),
)

/** One turn of the event loop: notices are delivered. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A store whose answers take one to four turns, half of them before and half after it acts. */
function slow(store: SharedStore): SharedStore {
  let calls = 0
  const wait = async (): Promise<void> => {
    for (let i = calls++ % 3; i > 0; i--) await turn()
  }
  const slowed = <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await wait()
      const result = await act(...args)
      await wait()
      return result
    } // prettier-ignore
  return altered(store, {
    read: slowed((...args: Parameters<SharedStore['read']>) => store.read(...args)),
    stamps: slowed((...args: Parameters<SharedStore['stamps']>) => store.stamps(...args)),
    write: slowed((...args: Parameters<SharedStore['write']>) => store.write(...args)),
    invalidate: slowed((...args: Parameters<SharedStore['invalidate']>) => store.invalidate(...args)),
    lock: slowed((...args: Parameters<SharedStore['lock']>) => store.lock(...args)),
    sweep: async (...args) => {
      for (let i = 0; i < 10; i++) await turn()
      return store.sweep(...args)
    },
  })
}

async function invalidate(cache: CacheManager, call: string, key: string): Promise<void> {
  if (call === 'delete') await cache.delete('n', key)
  else if (call === 'tag') await cache.invalidateTags([`t${key}`])
  else if (call === 'pattern') await cache.delPattern(`?:${key}`)
  else if (call === 'namespace') await cache.clear('n')
  else await cache.clear()
}

it('whoever asks after an invalidation gets nothing older, whatever runs at the same time in three processes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 100 }), async (steps) => {
      const { join, store, clock } = setUpSharing(slow)
      const namespaces = { n: { ttlMs: 100_000, staleIfErrorMs: 1_000, staleWhileRevalidateMs: 30 } }
      const caches: CacheManager[] = []
      for (let i = 0; i < PROCESSES; i++) caches.push((await join({ namespaces })).cache)
      // What the database holds, and what an invalidation that everybody has heard of made the oldest one allowed.
      const truth: Record<string, number> = { a: 0, b: 0 }
      const oldest: Record<string, number> = { a: 0, b: 0 }
      const running: Promise<unknown>[] = []
      const invalidating: Promise<void>[] = []
      const wrong: string[] = []
      const note = (key: string, value: number, least: number): void => {
        if (value < least) wrong.push(`${key}: ${value}, not ${least}`)
      }
      let away = false
      // What a process cannot deliver it keeps; until then the others cannot know.
      const isCut = (): boolean => away || !caches.every((cache) => cache.sharedStatus()!.available)
      let outages = 0

      for (const { call, process, key, ms } of steps) {
        const cache = caches[process]!
        if (call === 'load') {
          const least = oldest[key]!
          const load = async (): Promise<number> => {
            const value = truth[key]!
            await clock.sleep(ms)
            return value
          }
          const read = cache.getOrSet('n', key, load, {
            tags: [`t${key}`],
            ttlMs: ms % 3 === 0 ? 50 : 100_000,
          })
          running.push(read.then((value) => note(key, value, least)))
        } else if (call === 'get' || call === 'many') {
          const least = oldest[key]!
          const read =
            call === 'get'
              ? cache.get<number>('n', key)
              : cache.getMany<number>('n', KEYS).then((found) => found.get(key))
          running.push(read.then((value) => note(key, value ?? Infinity, least)))
        } else if (call === 'turn') {
          await turn()
        } else if (call === 'time') {
          await clock.advance(ms)
        } else if (call === 'amnesia') {
          store.loseHistory()
          await turn()
        } else if (call === 'outage') {
          away = !away
          outages++
          if (away) store.disconnect()
          else store.reconnect()
          // Everything that was kept is delivered, and everybody has caught up.
          // In small steps: the time limits are of the clock, the slowness of the store is not.
          for (let i = 0; i < (away ? 0 : 9_000) && (i < 10 || isCut()); i++) {
            await clock.advance(10)
            for (let j = 0; j < 4; j++) await turn()
          }
          if (isCut() !== away) wrong.push('the shared tier is not used again')
          if (!away)
            for (const name of KEYS) oldest[name] = Math.max(oldest[name]!, oldest[`${name} kept`] ?? 0)
        } else {
          // A plain `set` has no protection against another change of the same value at the same time.
          if (call === 'set') await Promise.all(invalidating.splice(0))
          const value = ++truth[key]!
          const [wasCut, before] = [isCut(), outages]
          const invalidated = async (): Promise<void> => {
            if (call === 'set') await cache.set('n', key, value, { tags: [`t${key}`] })
            else await invalidate(cache, call, key)
            await turn()
            const name = wasCut || isCut() || outages !== before ? `${key} kept` : key
            oldest[name] = Math.max(oldest[name] ?? 0, value)
          }
          invalidating.push(invalidated())
          if (call === 'set') await Promise.all(invalidating.splice(0))
        }
      }
      await Promise.all(invalidating)
      if (away) store.reconnect()
      await clock.advance(40_000)
      await Promise.all(running)
      await Promise.all(caches.map((cache) => cache.close()))
      expect(wrong).toEqual([])
    }),
    { numRuns: 200 },
  )
})
