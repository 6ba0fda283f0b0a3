import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bucketOf } from '../../src/curve/distances.ts'
import { ReadWindow } from '../../src/curve/read-window.ts'
import { CURVE_SCALES } from '../../src/curve/report.ts'
import { Shards, type ShardsOptions } from '../../src/curve/shards.ts'
import { mix } from '../../src/memory/hash.ts'
import { randomNumbers, zipf } from '../memory/simulation.ts'
import { exactLru } from './exact-lru.ts'

const UNBOUNDED = Number.MAX_SAFE_INTEGER
const hashOf = (key: number): number => mix(Math.imul(key + 1, 0x9e3779b1))

interface Estimate {
  ratios: number[]
  shards: Shards
}

function estimate(
  keys: readonly number[],
  limits: { maxEntries: number; maxBytes: number },
  options: ShardsOptions = {},
  sizeOf: (key: number) => number = () => 1,
): Estimate {
  const shards = new Shards(limits, options)
  const window = new ReadWindow()
  for (const key of keys) {
    const hash = hashOf(key)
    if (shards.shift < 32 && hash >>> shards.shift !== 0) continue
    const weight = 1 / shards.rate
    window.record(bucketOf(shards.hit(hash, sizeOf(key))), weight, false)
  }
  window.settle(keys.length, 0, 1)
  return { ratios: window.distances.hitRatios(CURVE_SCALES)!, shards }
}

const meanError = (estimated: readonly number[], exact: readonly number[]): number =>
  estimated.reduce((sum, ratio, i) => sum + Math.abs(ratio - exact[i]!), 0) / estimated.length

function skewed(reads: number, count: number, exponent: number): number[] {
  const next = zipf(count, exponent, randomNumbers(42))
  return Array.from({ length: reads }, next)
}

describe('Shards', () => {
  it('is exact, but for the width of a bucket, when it looks at every key', () => {
    const keys = skewed(60_000, 5_000, 0.8)
    const limits = { maxEntries: 500, maxBytes: UNBOUNDED }
    const { ratios } = estimate(keys, limits, { halvings: 0, maxKeys: 10_000 })
    const exact = CURVE_SCALES.map((scale) => exactLru(keys, 500 * scale))
    expect(meanError(ratios, exact)).toBeLessThan(0.003)
  })

  it.each([0.6, 0.9, 1.1])('is within 0.02 of LRU on Zipf %f, from one key in 32', (exponent) => {
    const keys = skewed(400_000, 100_000, exponent)
    const { ratios, shards } = estimate(keys, { maxEntries: 10_000, maxBytes: UNBOUNDED })
    expect(shards.rate).toBe(1 / 32)
    const exact = CURVE_SCALES.map((scale) => exactLru(keys, 10_000 * scale))
    expect(meanError(ratios, exact)).toBeLessThan(0.02)
  })

  it('is within 0.02 by bytes, with sizes from 100 bytes to 10 KB', () => {
    const keys = skewed(300_000, 50_000, 0.9)
    const sizeOf = (key: number): number => 100 * 10 ** ((key % 21) / 10)
    const maxBytes = 8_000_000
    const { ratios } = estimate(keys, { maxEntries: UNBOUNDED, maxBytes }, { halvings: 4 }, sizeOf)
    const exact = CURVE_SCALES.map((scale) => exactLru(keys, maxBytes * scale, sizeOf))
    expect(meanError(ratios, exact)).toBeLessThan(0.02)
  })

  it('keeps to its memory however many keys there are, and lowers the rate for it', () => {
    const limits = { maxEntries: 1_000_000, maxBytes: UNBOUNDED }
    const shards = new Shards(limits, { maxKeys: 256, halvings: 2 })
    for (let key = 0; key < 200_000; key++) {
      const hash = hashOf(key)
      if (hash >>> shards.shift === 0) shards.hit(hash, 1)
      expect(shards.size).toBeLessThanOrEqual(256)
    }
    expect(shards.rate).toBeLessThanOrEqual(256 / 100_000)
    expect(shards.size).toBeGreaterThan(64)
  })

  it('forgets keys that no size it answers for would have kept', () => {
    const shards = new Shards({ maxEntries: 10, maxBytes: UNBOUNDED }, { halvings: 0 })
    for (let key = 0; key < 10_000; key++) shards.hit(hashOf(key), 1)
    expect(shards.size).toBeLessThanOrEqual(80)
  })

  it('does not blame the memory for what expired or was invalidated', () => {
    const shards = new Shards({ maxEntries: 10, maxBytes: UNBOUNDED }, { halvings: 0 })
    expect(shards.miss(1, 0)).toBe(Infinity)
    shards.stored(1, 1, 1_000)
    // Gone without having been evicted: deleted, or invalidated.
    expect(shards.miss(1, 10)).toBe(Infinity)
    shards.stored(1, 1, 1_000)
    shards.evicted(1)
    expect(shards.miss(1, 20)).toBeCloseTo(0.1)
    shards.stored(1, 1, 1_000)
    shards.evicted(1)
    expect(shards.miss(1, 1_000)).toBe(Infinity)
  })
})

// Public traces that some machines have; see bench/README.md.
const folder = fileURLToPath(new URL('../../../../../shared/data/cache-traces/', import.meta.url))
const traces = existsSync(folder) ? globSync('*.trace', { cwd: folder }).sort() : []
for (const file of traces) {
  describe(`Shards on ${basename(file)}`, () => {
    it('is within 0.02 of LRU, from every second key', () => {
      const numbers = new Map<string, number>()
      const keys = readFileSync(`${folder}${file}`, 'utf8')
        .trim()
        .split('\n')
        .map((key) => {
          const number = numbers.get(key) ?? numbers.size
          numbers.set(key, number)
          return number
        })
      const maxEntries = Math.round(numbers.size / 5)
      const { ratios } = estimate(keys, { maxEntries, maxBytes: UNBOUNDED }, { halvings: 1, maxKeys: 16_384 })
      const exact = CURVE_SCALES.map((scale) => exactLru(keys, Math.round(maxEntries * scale)))
      expect(meanError(ratios, exact)).toBeLessThan(0.02)
    })
  })
}
