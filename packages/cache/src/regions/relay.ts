import { randomUUID } from 'node:crypto'
import { processRegistry } from '@millrace/core/metrics'
import type { Notice } from '../drivers/driver.ts'
import { createCacheInstruments } from '../metrics.ts'
import { resolveRelayOptions, type RegionRelayOptions } from './options.ts'
import { RegionEnd, type RegionStats } from './region-end.ts'

/** Marks what a relay wrote, so that no relay carries it on. */
const RELAY_ORIGIN = 'millrace-relay/'

export interface RegionRelay {
  stats(): RegionStats[]
  /** True: every region has taken everything heard of so far. False: not by the deadline (default 5 s). */
  flush(options?: { deadlineMs?: number }): Promise<boolean>
  close(): Promise<void>
}

/**
 * Carries the invalidations of each region's shared store into all others. It follows each store's log, which goes on after
 * a disconnect where it was, and writes what it hears into the others' logs, from where every process there hears of it. What a relay
 * wrote is never carried on, so nothing goes in circles, and several relays may run at once for safety: an invalidation
 * that arrives twice does no harm. Where history is missing, everything in the other regions becomes stale.
 *
 * Every region must be named in one relay (or in relays between every pair): a chain of relays carries nothing on.
 * @throws CACHE_OPTION_INVALID, and what a store's `connect` throws
 */
export async function createRegionRelay(options: RegionRelayOptions): Promise<RegionRelay> {
  const limits = resolveRelayOptions(options)
  const instruments = options.instruments ?? createCacheInstruments(options.registry ?? processRegistry())
  const origin = `${RELAY_ORIGIN}${randomUUID()}`
  const ends = options.regions.map(
    ({ name, store }) => new RegionEnd({ name, store: store(origin), limits, instruments }),
  )
  const others = (end: RegionEnd): RegionEnd[] => ends.filter((other) => other !== end)
  try {
    for (const end of ends) {
      await end.follow({
        onNotices: (notices) => {
          for (const { what } of notices.filter(isOriginal)) for (const other of others(end)) other.send(what)
        },
        onGap: () => {
          for (const other of others(end)) other.sendAll(end.name)
        },
      })
    }
  } catch (error) {
    await Promise.all(ends.map((end) => end.close()))
    throw error
  }
  if (options.onStart !== 'trust') for (const end of ends) end.sendAll('the start of the relay')
  return {
    stats: () => ends.map((end) => end.stats()),
    flush: async ({ deadlineMs = 5_000 } = {}) =>
      (await Promise.all(ends.map((end) => end.flush(deadlineMs)))).every(Boolean),
    close: async () => void (await Promise.all(ends.map((end) => end.close()))),
  }
}

const isOriginal = ({ origin }: Notice): boolean => !origin.startsWith(RELAY_ORIGIN)
