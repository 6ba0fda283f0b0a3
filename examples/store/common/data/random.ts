/**
 * A seeded source of randomness: the same seed gives the same store on every machine, which makes measurements
 * comparable and tests exact.
 */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** Whole, both ends included. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** `count` different items, or all of them when there are fewer. */
  sample<Item>(items: readonly Item[], count: number): Item[]
  /** An index below `length` that favours small ones: few things are popular, most are not. */
  popular(length: number): number
}

/** Mulberry32, a 32-bit generator by Tommy Ettinger: small, fast, and good enough for everything but secrets. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a, so that each part of the store can have its own stream by name and none shifts when another grows. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

export function createRandom(stream: string): Random {
  const next = mulberry32(hash(stream))
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new RangeError('pick needs at least one item')
      return item
    },
    sample: (items, count) => {
      const pool = [...items]
      const wanted = Math.min(count, pool.length)
      // The first part of a Fisher–Yates shuffle.
      for (let i = 0; i < wanted; i++) {
        const j = int(i, pool.length - 1)
        const swapped = pool[i] as (typeof pool)[number]
        pool[i] = pool[j] as (typeof pool)[number]
        pool[j] = swapped
      }
      return pool.slice(0, wanted)
    },
    popular: (length) => Math.floor(length * next() ** 1.8),
  }
}

const DAY_MS = 86_400_000

/** Moments before `anchor`, later ones likelier: a store that grows. */
export function pastMoment(random: Random, anchor: Date, days: number): Date {
  return new Date(anchor.getTime() - Math.floor(days * DAY_MS * random.next() ** 1.6))
}

/** Midnight UTC. The rows of one day are the same whenever on that day the store is seeded. */
export const startOfDay = (moment: Date): Date => new Date(Math.floor(moment.getTime() / DAY_MS) * DAY_MS)
