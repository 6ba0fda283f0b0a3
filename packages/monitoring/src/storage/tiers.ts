const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const RESOLUTIONS = ['raw', '1m', '1h'] as const
export type Resolution = (typeof RESOLUTIONS)[number]

/**
 * One resolution. Time is counted in slots of `slotMs`; a chunk is the row of PostgreSQL that holds `slotsPerChunk` of
 * them; the newest `slotsInMemory` are kept in memory, which alone answers for that time.
 */
export interface Tier {
  resolution: Resolution
  slotMs: number
  slotsPerChunk: number
  slotsInMemory: number
}

/** How far behind a point may arrive: every chunk it can touch must still be in memory as a whole. */
export const MAX_LATENESS_MS = 8 * MINUTE

/**
 * A raw chunk covers five minutes and not an hour, because the chunk being filled is written again every minute: that
 * way a minute costs a few hundred bytes per series, and the row stays below PostgreSQL's limit for values stored apart.
 */
export function createTiers(rawMemoryMs: number): Record<Resolution, Tier> {
  return {
    raw: {
      resolution: 'raw',
      slotMs: 2 * SECOND,
      slotsPerChunk: 150,
      slotsInMemory: Math.ceil(rawMemoryMs / 2_000),
    },
    '1m': { resolution: '1m', slotMs: MINUTE, slotsPerChunk: HOUR / MINUTE, slotsInMemory: 180 },
    '1h': { resolution: '1h', slotMs: HOUR, slotsPerChunk: DAY / HOUR, slotsInMemory: 72 },
  }
}

export const slotOf = (tier: Tier, at: number): number => Math.floor(at / tier.slotMs)
export const chunkOf = (tier: Tier, slot: number): number => Math.floor(slot / tier.slotsPerChunk)
