import type { Clock, Logger } from '@millrace/core'
import type { MonitoringInstruments } from '../metrics.ts'
import type { ChunkStore } from './chunk-store.ts'
import { restoreChunk, type Ring } from './ring.ts'
import type { Series, SeriesIndex } from './series.ts'
import { chunkOf, RESOLUTIONS, slotOf, type Resolution, type Tier } from './tiers.ts'

/** A chunk that waits to be written. */
export interface PendingChunk {
  series: Series
  resolution: Resolution
  chunk: number
  startsAt: number
  data: Buffer
}

export interface FlusherOptions {
  index: SeriesIndex
  store: ChunkStore
  metrics: MonitoringInstruments
  clock: Clock
  logger: Logger
  pendingBytes: number
}

// Encoding is synchronous: after this many rows the event loop gets a turn.
const ROWS_PER_TURN = 100

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Oldest chunk that is in memory as a whole. */
const firstChunk = (tier: Tier, now: number): number =>
  chunkOf(tier, slotOf(tier, now) - tier.slotsInMemory + 1)

/**
 * Writes what changed to PostgreSQL. A chunk is always written whole and replaces its row, so that writing it again
 * after a failure, a crash or a late point is harmless. What cannot be written waits in memory, up to a bound.
 */
export class Flusher {
  readonly #options: FlusherOptions
  readonly #pending = new Map<string, PendingChunk>()
  #pendingBytes = 0
  #running: Promise<boolean> | undefined
  #lastError: string | undefined

  constructor(options: FlusherOptions) {
    this.#options = options
  }

  /** Why the last flush failed; undefined when it did not. */
  get lastError(): string | undefined {
    return this.#lastError
  }

  get pendingChunks(): number {
    return this.#pending.size
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  pending(): Iterable<PendingChunk> {
    return this.#pending.values()
  }

  /** Chunks of a series that wait: newer than their rows in PostgreSQL. */
  pendingOf(series: Series, resolution: Resolution): Map<number, Buffer> {
    const found = new Map<number, Buffer>()
    for (const entry of this.#pending.values()) {
      if (entry.series === series && entry.resolution === resolution) found.set(entry.chunk, entry.data)
    }
    return found
  }

  /** True when everything that had changed is stored. One at a time; a second call waits for the first. Never rejects. */
  flush(): Promise<boolean> {
    // Also beside a flush that is still waiting for PostgreSQL: what leaves the rings must be taken out in time.
    const collected = this.#collect()
    if (this.#running !== undefined) void collected.then(() => this.#enforceBound())
    this.#running ??= collected.then(() => this.#flush()).finally(() => (this.#running = undefined))
    return this.#running
  }

  /** The last flush. True when nothing is left; otherwise all of it is in `pending()`. */
  async close(): Promise<boolean> {
    // One that was running began too early to have seen the last points.
    if ((await this.#running) !== false) return this.flush()
    await this.#collect()
    return false
  }

  async #flush(): Promise<boolean> {
    const { metrics, clock, logger } = this.#options
    const started = clock.monotonic()
    try {
      await this.#registerNew()
      await this.#collect()
      await this.#writePending()
      metrics.flushDuration.record((clock.monotonic() - started) / 1_000)
      if (this.#lastError !== undefined) logger.info('metrics are stored again')
      this.#lastError = undefined
      return true
    } catch (error) {
      this.#enforceBound()
      metrics.flushErrors.add()
      if (this.#lastError === undefined) {
        logger.warn(
          { err: error, pending: this.#pending.size },
          'metrics cannot be stored; they wait in memory',
        )
      }
      this.#lastError = (error as Error).message
      return false
    }
  }

  /** A series that memory saw for the first time may have a past: it is loaded before its chunks are replaced. */
  async #registerNew(): Promise<void> {
    const { index, store, clock } = this.#options
    const fresh = [...index.all()].filter(({ id }) => id === undefined)
    if (fresh.length === 0) return
    try {
      const known = await store.register(fresh, clock.now())
      await this.restore(known)
      // What waited while PostgreSQL was away was encoded without that past.
      for (const { series, resolution, chunk } of this.#pending.values()) {
        if (known.includes(series)) series.rings[resolution].dirty.add(chunk)
      }
    } catch (error) {
      for (const series of fresh) series.id = undefined
      throw error
    }
    for (const series of fresh) series.completeFrom = 0
  }

  /** Loads the part of these series that belongs into memory: all of it or, when a read fails, nothing. */
  async restore(list: readonly Series[]): Promise<void> {
    const { index, store, clock } = this.#options
    const byId = new Map(list.map((series) => [series.id as number, series]))
    const ids = [...byId.keys()]
    const now = clock.now()
    const found: { ring: Ring; chunk: number; data: Buffer }[] = []
    for (const resolution of RESOLUTIONS) {
      const tier = index.tiers[resolution]
      const last = chunkOf(tier, slotOf(tier, now))
      // A few hundred at a time: each has up to four chunks, and the reader has a bound.
      for (let i = 0; i < ids.length; i += 500) {
        const chunks = await store.read(tier, ids.slice(i, i + 500), firstChunk(tier, now), last)
        for (const { seriesId, chunk, data } of chunks ?? []) {
          const ring = byId.get(seriesId)?.rings[resolution]
          if (ring !== undefined) found.push({ ring, chunk, data })
        }
      }
    }
    for (const [i, { ring, chunk, data }] of found.entries()) {
      restoreChunk(ring, chunk, data)
      if (i % ROWS_PER_TURN === 0) await turn()
    }
  }

  async #collect(): Promise<void> {
    const { index } = this.#options
    let rows = 0
    for (const series of index.all()) {
      for (const resolution of RESOLUTIONS) {
        const ring = series.rings[resolution]
        for (const chunk of ring.dirty) {
          // Before it is encoded: a point that arrives during a turn marks it again.
          ring.dirty.delete(chunk)
          const data = ring.encode(chunk)
          if (data !== undefined) this.#keep(series, resolution, chunk, data)
          if (++rows % ROWS_PER_TURN === 0) await turn()
        }
      }
    }
  }

  #keep(series: Series, resolution: Resolution, chunk: number, data: Buffer): void {
    const { slotMs, slotsPerChunk } = this.#options.index.tiers[resolution]
    const key = `${resolution} ${chunk} ${series.number}`
    this.#pendingBytes += data.length - (this.#pending.get(key)?.data.length ?? 0)
    this.#pending.set(key, { series, resolution, chunk, startsAt: chunk * slotsPerChunk * slotMs, data })
  }

  async #writePending(): Promise<void> {
    const { index, store } = this.#options
    for (const resolution of RESOLUTIONS) {
      const entries = [...this.#pending].filter(
        ([, entry]) => entry.resolution === resolution && entry.series.id !== undefined,
      )
      await store.write(
        index.tiers[resolution],
        entries.map(([, { series, chunk, data }]) => ({ seriesId: series.id as number, chunk, data })),
      )
      for (const [key, entry] of entries) {
        if (this.#pending.get(key) !== entry) continue
        this.#pending.delete(key)
        this.#pendingBytes -= entry.data.length
      }
    }
  }

  #enforceBound(): void {
    const { pendingBytes, metrics, logger } = this.#options
    if (this.#pendingBytes <= pendingBytes) return
    let dropped = 0
    const oldestFirst = [...this.#pending].toSorted(([, a], [, b]) => a.startsAt - b.startsAt)
    for (const [key, entry] of oldestFirst) {
      if (this.#pendingBytes <= pendingBytes) break
      this.#pending.delete(key)
      this.#pendingBytes -= entry.data.length
      dropped++
    }
    metrics.droppedChunks.add(dropped)
    logger.warn({ dropped }, 'storage was away for too long: the oldest unsaved metrics were dropped')
  }
}
