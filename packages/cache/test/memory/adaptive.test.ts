import { describe, expect, it } from 'vitest'
import { Adaptive, createCache, Lru, S3Fifo, WTinyLfu } from '../../src/index.ts'
import type { EvictionLimits, EvictionPolicy } from '../../src/memory/eviction.ts'
import type { MiniatureEntry } from '../../src/memory/miniature.ts'
import { randomNumbers, Simulation, zipf } from './simulation.ts'

const CAPACITY = 1_000
type Make = (limits: EvictionLimits) => EvictionPolicy<MiniatureEntry>
const lru: Make = () => new Lru<MiniatureEntry>()
const s3fifo: Make = (limits) => new S3Fifo<MiniatureEntry>(limits)
const wTinyLfu: Make = (limits) => new WTinyLfu<MiniatureEntry>(limits)

/** Hits per read. */
function hitRatio(make: Make, keys: Iterable<number>): number {
  const cache = new Simulation(make, CAPACITY)
  let reads = 0
  for (const key of keys) {
    cache.read(key)
    reads++
  }
  return cache.hits / reads
}

function adaptive(keys: Iterable<number>): { ratio: number; ruling: string } {
  let policy: Adaptive<MiniatureEntry> | undefined
  const ratio = hitRatio((limits) => (policy = new Adaptive<MiniatureEntry>(limits)), keys)
  return { ratio, ruling: policy!.ruling }
}

function* loop(length: number, rounds: number): Iterable<number> {
  for (let round = 0; round < rounds; round++) for (let key = 0; key < length; key++) yield key
}

/** Forwards and backwards through more keys than fit: what was read last is read next. */
function* zigzag(length: number, rounds: number): Iterable<number> {
  for (let round = 0; round < rounds; round++) {
    for (let key = 0; key < length; key++) yield round % 2 === 0 ? key : length - 1 - key
  }
}

function* popular(reads: number): Iterable<number> {
  const next = zipf(20_000, 0.9, randomNumbers(7))
  for (let i = 0; i < reads; i++) yield next()
}

describe('adaptive eviction', () => {
  it('follows W-TinyLFU in a loop that is larger than the cache', () => {
    const { ratio, ruling } = adaptive(loop(2_000, 200))
    expect(ruling).toBe('w-tinylfu')
    expect(ratio).toBeGreaterThan(0.3)
    expect(hitRatio(lru, loop(2_000, 200))).toBe(0)
  })

  it('follows LRU where what was read last is read next', () => {
    const { ratio, ruling } = adaptive(zigzag(1_300, 300))
    const best = hitRatio(lru, zigzag(1_300, 300))
    expect(ruling).toBe('lru')
    expect(ratio).toBeGreaterThan(best - 0.02)
    expect(hitRatio(s3fifo, zigzag(1_300, 300))).toBeLessThan(best - 0.1)
  })

  it('is near the best of the three on a skewed popularity', () => {
    const { ratio } = adaptive(popular(300_000))
    const best = Math.max(...[lru, s3fifo, wTinyLfu].map((make) => hitRatio(make, popular(300_000))))
    expect(ratio).toBeGreaterThan(best - 0.02)
  })

  it('changes its mind when the workload does', () => {
    function* changing(): Iterable<number> {
      yield* loop(2_000, 200)
      for (const key of zigzag(1_300, 400)) yield key + 10_000
    }
    expect(adaptive(changing()).ruling).toBe('lru')
  })

  it('does not compare anything while everything fits', () => {
    const cache = createCache({ maxEntries: 1_000, eviction: (limits) => new Adaptive(limits) })
    for (let i = 0; i < 1_000; i++) cache.setSync('n', String(i), i)
    for (let round = 0; round < 20; round++) for (let i = 0; i < 1_000; i++) cache.getSync('n', String(i))
    expect(cache.stats()).toMatchObject({ entries: 1_000, evictions: 0 })
    void cache.close()
  })

  it('is chosen by name, and a wrong name is refused', () => {
    for (const eviction of ['adaptive', 's3-fifo', 'w-tinylfu', 'sieve', 'lru'] as const) {
      void createCache({ eviction }).close()
    }
    // @ts-expect-error Not one of them.
    expect(() => createCache({ eviction: 'fifo' })).toThrow(
      expect.objectContaining({
        code: 'CACHE_OPTION_INVALID',
        message: expect.stringContaining('w-tinylfu'),
      }),
    )
  })
})
