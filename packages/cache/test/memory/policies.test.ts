import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Adaptive,
  Lru,
  S3Fifo,
  Sieve,
  WTinyLfu,
  type EvictionLimits,
  type EvictionPolicy,
} from '../../src/index.ts'
import type { MiniatureEntry } from '../../src/memory/miniature.ts'
import { Simulation } from './simulation.ts'

const POLICIES: Record<string, (limits: EvictionLimits) => EvictionPolicy<MiniatureEntry>> = {
  lru: () => new Lru<MiniatureEntry>(),
  sieve: () => new Sieve<MiniatureEntry>(),
  's3-fifo': (limits) => new S3Fifo<MiniatureEntry>(limits),
  'w-tinylfu': (limits) => new WTinyLfu<MiniatureEntry>(limits),
  adaptive: (limits) => new Adaptive<MiniatureEntry>(limits),
}

const steps = fc.array(
  fc.record({
    call: fc.constantFrom('read' as const, 'read' as const, 'read' as const, 'remove' as const),
    key: fc.integer({ min: 0, max: 40 }),
    bytes: fc.integer({ min: 1, max: 30 }),
  }),
  { maxLength: 400 },
)

/** As the papers say it, on plain arrays, oldest first. Returns who left, in order. */
const models = {
  lru(reads: readonly { call: string; key: number }[], capacity: number): number[] {
    const order: number[] = []
    const evicted: number[] = []
    for (const { call, key } of reads) {
      const at = order.indexOf(key)
      if (at >= 0) order.splice(at, 1)
      if (call === 'remove') continue
      order.push(key)
      if (order.length > capacity) evicted.push(order.shift()!)
    }
    return evicted
  },
  sieve(reads: readonly { call: string; key: number }[], capacity: number): number[] {
    const order: { key: number; visited: boolean }[] = []
    const evicted: number[] = []
    let hand = 0
    for (const { call, key } of reads) {
      const at = order.findIndex((item) => item.key === key)
      if (call === 'remove') {
        if (at < 0) continue
        order.splice(at, 1)
        if (at < hand) hand--
      } else if (at >= 0) {
        order[at]!.visited = true
      } else {
        if (order.length >= capacity) {
          if (hand >= order.length) hand = 0
          while (order[hand]!.visited) {
            order[hand]!.visited = false
            hand = (hand + 1) % order.length
          }
          evicted.push(order[hand]!.key)
          order.splice(hand, 1)
          // The newest end: the paper's hand starts again at the oldest.
          if (hand >= order.length) hand = 0
        }
        order.push({ key, visited: false })
      }
    }
    return evicted
  },
}

describe.each(Object.entries(POLICIES))('%s', (_name, make) => {
  it('never holds more entries or bytes than allowed, and unlinks what leaves, under any sequence', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 30, max: 200 }),
        (calls, maxEntries, maxBytes) => {
          const cache = new Simulation(make, maxEntries, maxBytes)
          for (const { call, key, bytes } of calls) {
            if (call === 'read') cache.read(key, bytes)
            else cache.remove(key)
            expect(cache.entries.size).toBeLessThanOrEqual(maxEntries)
            expect(cache.bytes).toBeLessThanOrEqual(maxBytes)
          }
          for (const key of cache.entries.keys()) cache.remove(key)
          expect(cache.bytes).toBe(0)
          expect(cache.policy.evict()).toBeUndefined()
        },
      ),
      { numRuns: 200 },
    )
  })

  it.each([1, 2, 3, 9, 10, 11, 100])('keeps the newest entry with room for %i', (maxEntries) => {
    const cache = new Simulation(make, maxEntries)
    for (let key = 0; key < 1_000; key++) {
      cache.read(key)
      for (let again = 0; again < key % 4; again++) cache.read(key)
      expect(cache.entries.has(key)).toBe(true)
    }
  })

  it('keeps the newest entry when it takes nearly all bytes', () => {
    const cache = new Simulation(make, 1_000, 1_000)
    for (let key = 0; key < 300; key++) cache.read(key, 10)
    cache.read(9_999, 990)
    expect(cache.entries.has(9_999)).toBe(true)
    expect(cache.bytes).toBeLessThanOrEqual(1_000)
  })
})

describe.each(['lru', 'sieve'] as const)('%s', (name) => {
  it('chooses as a naive model does', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 12 }), (calls, capacity) => {
        const cache = new Simulation(POLICIES[name]!, capacity)
        for (const { call, key } of calls) {
          if (call === 'read') cache.read(key)
          else cache.remove(key)
        }
        expect(cache.evicted).toEqual(models[name](calls, capacity))
      }),
      { numRuns: 500 },
    )
  })
})
