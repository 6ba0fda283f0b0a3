import { describe, expect, it } from 'vitest'
import type { WarmerOptions } from '../../src/warming/options.ts'
import { warm } from './set-up.ts'

/** Uniform in [0, 1), the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Outcome {
  hitRatio: number
  reads: number
  /** By readers and ahead of them. */
  loads: number
  predicted: number
}

interface Read {
  actor: string
  id: string
  /** Milliseconds since the read before. */
  after: number
}

/** Reads a trace through a warmer and a cache that holds a fraction of its keys; a hit is what needs no load. */
async function replay(trace: readonly Read[], predict: WarmerOptions['predict']): Promise<Outcome> {
  const { warmer, cache, clock, loads } = warm(
    { refresh: false, predict: predict ?? false },
    { maxEntries: 150 },
  )
  let hits = 0
  for (const { actor, id, after } of trace) {
    await clock.advance(after)
    if (cache.has('n', id)) hits++
    await warmer.get('n', id, { actor })
  }
  const { sequence } = warmer.stats().loaded
  return { hitRatio: hits / trace.length, reads: trace.length, loads: loads.length, predicted: sequence }
}

/** Visitors who look at a list, one of its products, then its reviews, among others who do the same. */
function sessions(count: number, products: number): Read[] {
  const random = seeded(7)
  const trace: Read[] = []
  for (let visit = 0; visit < count; visit++) {
    // Few products are popular: the square root of a uniform number favours one end.
    const product = Math.floor(products * (1 - Math.sqrt(random())))
    for (const page of ['product', 'reviews', 'related']) {
      trace.push({ actor: `visitor-${visit}`, id: `${page}-${product}`, after: 20 })
    }
  }
  return trace
}

describe('predicting by sequence', () => {
  it('makes more reads hits where visitors follow the same ways', async () => {
    const trace = sessions(2_000, 400)
    const without = await replay(trace, false)
    const predicting = await replay(trace, { season: false })
    expect(predicting.hitRatio).toBeGreaterThan(without.hitRatio + 0.1)
    expect(predicting.predicted).toBeGreaterThan(0)
    // What is loaded ahead is loaded instead of, and hardly ever in addition.
    expect(predicting.loads).toBeLessThan(without.loads * 1.05)
  })

  it('costs next to nothing where nothing can be predicted', async () => {
    const random = seeded(11)
    const trace = Array.from({ length: 6_000 }, (_, index) => ({
      actor: `visitor-${index % 40}`,
      id: `key-${Math.floor(random() * 3_000)}`,
      after: 5,
    }))
    const without = await replay(trace, false)
    const predicting = await replay(trace, { season: false })
    expect(predicting.hitRatio).toBeGreaterThan(without.hitRatio - 0.01)
    expect(predicting.predicted).toBeLessThan(trace.length * 0.005)
  })

  it('stops paying for a pattern that has ended', async () => {
    const random = seeded(3)
    const learnt = sessions(1_500, 300)
    const broken = Array.from({ length: 3_000 }, (_, index) => ({
      actor: `late-${index}`,
      id: `product-${Math.floor(random() * 300)}`,
      after: 200,
    }))
    const before = await replay(learnt, { season: false, sequence: { maxGapMs: 1_000 } })
    const after = await replay([...learnt, ...broken], {
      season: false,
      sequence: { maxGapMs: 1_000 },
      horizonMs: 5_000,
    })
    expect(after.predicted - before.predicted).toBeLessThan(broken.length * 0.1)
  })
})

describe('predicting by the time of the day', () => {
  it('has the morning’s reports ready on the third day, and not those that were read once', async () => {
    const hour = 3_600_000
    const loads: string[] = []
    const load = async (id: string): Promise<string> => {
      loads.push(id)
      return id
    }
    const { warmer, cache, clock } = warm({
      loaders: { n: { load, ttlMs: hour } },
      predict: { sequence: false },
      perSecond: 1_000,
      refresh: false,
    })
    warmer.start()
    // The clock begins at midnight.
    const morning = async (day: number): Promise<number> => {
      let ready = 0
      for (let report = 0; report < 50; report++) {
        if (cache.has('n', `report-${report}`)) ready++
        await warmer.get('n', `report-${report}`)
      }
      for (let once = 0; once < 50; once++) await warmer.get('n', `once-${day}-${once}`)
      return ready
    }
    const ready: number[] = []
    await clock.advance(9 * hour)
    for (let day = 0; day < 4; day++) {
      ready.push(await morning(day))
      await clock.advance(24 * hour)
    }
    expect(ready).toEqual([0, 0, 50, 50])
    // Also for the day after the last one.
    expect(warmer.stats().loaded.season).toBe(150)
    expect(loads.filter((id) => id.startsWith('once')).length).toBe(200)
  })
})
