import type { Labels, MetricKind } from '@millrace/core'
import { monitoringErrors } from '../errors.ts'
import { MAX_CHUNKS_READ, type ChunkStore } from '../storage/chunk-store.ts'
import type { Flusher } from '../storage/flusher.ts'
import { memoryFrom, type Series, type SeriesIndex } from '../storage/series.ts'
import { chunkOf, type Resolution } from '../storage/tiers.ts'

/** Series that one answer may read. */
export const MAX_SERIES_READ = 20_000

/** A series that takes part in an answer: in memory, in PostgreSQL, or in both. */
export interface Source {
  id: number | undefined
  kind: MetricKind
  unit: string
  labels: Labels
  memory: Series | undefined
}

export interface PastChunk {
  chunk: number
  data: Buffer
}

export interface SourceFinderOptions {
  index: SeriesIndex
  store: ChunkStore
  flusher: Flusher
  /** Series that fell silent before are in PostgreSQL only. Milliseconds since the epoch. */
  memoryCompleteFrom: () => number
}

/** First slot that memory answers for; everything before comes from PostgreSQL, and nothing from both. */
export const seamOf = ({ memory }: Source, resolution: Resolution): number =>
  memory === undefined ? Infinity : memoryFrom(memory, resolution)

/** Finds what an answer is made of. PostgreSQL is only asked for what memory cannot know. */
export class SourceFinder {
  readonly #options: SourceFinderOptions

  constructor(options: SourceFinderOptions) {
    this.#options = options
  }

  /** Whether PostgreSQL failed the last time it was written to. */
  get storageAway(): boolean {
    return this.#options.flusher.lastError !== undefined
  }

  inMemory(metric: string, matches: (labels: Labels) => boolean): Series[] {
    return [...this.#options.index.ofMetric(metric)].filter(({ labels }) => matches(labels))
  }

  async find(metric: string, from: number, matches: (labels: Labels) => boolean): Promise<Source[]> {
    const sources = this.inMemory(metric, matches).map((memory): Source => ({
      id: memory.id,
      kind: memory.kind,
      unit: memory.unit,
      labels: memory.labels,
      memory,
    }))
    if (from < this.#options.memoryCompleteFrom()) {
      const known = new Set(sources.map(({ id }) => id))
      const filter = { metric, seenSince: from, limit: MAX_SERIES_READ + 1 }
      for (const { id, kind, unit, labels } of await stored(() => this.#options.store.series(filter))) {
        if (!known.has(id) && matches(labels)) sources.push({ id, kind, unit, labels, memory: undefined })
      }
    }
    if (sources.length <= MAX_SERIES_READ) return sources
    throw monitoringErrors.RESULT_TOO_LARGE({ metric, series: sources.length, max: MAX_SERIES_READ })
  }

  /** Chunks from before the seam: rows, and newer versions of them that wait to be written. */
  async past(
    metric: string,
    sources: readonly Source[],
    resolution: Resolution,
    firstSlot: number,
    lastSlot: number,
  ): Promise<Map<Source, PastChunk[]>> {
    const { index, store, flusher } = this.#options
    const past = new Map<Source, PastChunk[]>()
    const reaching = sources.filter((source) => seamOf(source, resolution) > firstSlot)
    if (reaching.length === 0 || lastSlot < firstSlot) return past
    const tier = index.tiers[resolution]
    const byId = new Map(reaching.map((source) => [source.id, source]))
    const ids = [...byId.keys()].filter((id) => id !== undefined)
    const rows = await stored(() => store.read(tier, ids, chunkOf(tier, firstSlot), chunkOf(tier, lastSlot)))
    if (rows === undefined) {
      throw monitoringErrors.RESULT_TOO_LARGE({ metric, series: ids.length, max: MAX_CHUNKS_READ })
    }
    for (const row of rows) {
      const source = byId.get(row.seriesId)
      if (source === undefined) continue
      const list = past.get(source)
      if (list === undefined) past.set(source, [row])
      else list.push(row)
    }
    if (flusher.pendingChunks === 0) return past
    for (const source of reaching) {
      if (source.memory === undefined) continue
      const pending = flusher.pendingOf(source.memory, resolution)
      const list = (past.get(source) ?? []).filter(({ chunk }) => !pending.has(chunk))
      for (const [chunk, data] of pending) list.push({ chunk, data })
      past.set(
        source,
        list.toSorted((a, b) => a.chunk - b.chunk),
      )
    }
    return past
  }
}

async function stored<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    throw monitoringErrors.STORAGE_UNAVAILABLE({ reason: (error as Error).message }, error)
  }
}
