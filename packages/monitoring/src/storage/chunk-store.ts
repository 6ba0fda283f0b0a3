import { createHash } from 'node:crypto'
import type { Labels, MetricKind } from '@millrace/core'
import type { Pool } from 'pg'
import { seriesKey, type Series } from './series.ts'
import type { Resolution, Tier } from './tiers.ts'

export interface StoredSeries {
  id: number
  metric: string
  kind: MetricKind
  unit: string
  labels: Labels
  lastSeen: number
}

export interface StoredChunk {
  seriesId: number
  chunk: number
  data: Buffer
}

/** Rows read for one question; beyond it the question is refused rather than the memory filled. */
export const MAX_CHUNKS_READ = 60_000

const TABLES: Record<Resolution, string> = {
  raw: 'monitoring.chunks_raw',
  '1m': 'monitoring.chunks_1m',
  '1h': 'monitoring.chunks_1h',
}

const rowsPerStatement = 500

function keyOf(metric: string, labels: Labels): string {
  const hex = createHash('sha256').update(seriesKey(metric, labels)).digest('hex').slice(0, 32)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const startOf = (tier: Tier, chunk: number): Date => new Date(chunk * tier.slotsPerChunk * tier.slotMs)

/** The tables of the schema `monitoring`, and nothing about what they mean. */
export class ChunkStore {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Gives each its row. Returns those that PostgreSQL knew already: they may have chunks from earlier. */
  async register(series: readonly Series[], now: number): Promise<Series[]> {
    const known: Series[] = []
    for (let i = 0; i < series.length; i += rowsPerStatement) {
      const batch = new Map(
        series.slice(i, i + rowsPerStatement).map((one) => [keyOf(one.metric, one.labels), one]),
      )
      const list = [...batch.values()]
      const { rows } = await this.#pool.query<{ id: number; key: string; known: boolean }>(
        `insert into monitoring.series as s (key, metric, kind, unit, labels, last_seen)
         select *, $6::timestamptz from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
         on conflict (key) do update set last_seen = excluded.last_seen
         returning s.id, s.key, s.xmax <> 0 as known`,
        [
          [...batch.keys()],
          list.map(({ metric }) => metric),
          list.map(({ kind }) => kind),
          list.map(({ unit }) => unit),
          list.map(({ labels }) => JSON.stringify(labels)),
          new Date(now),
        ],
      )
      for (const row of rows) {
        const one = batch.get(row.key)
        if (one === undefined) continue
        one.id = row.id
        if (row.known) known.push(one)
      }
    }
    return known
  }

  /**
   * Replaces rows. All bytes of a batch travel as one binary parameter, cut up by the server: an array of them would be
   * sent as hexadecimal text, which costs more than everything else about a flush.
   */
  async write(tier: Tier, chunks: readonly StoredChunk[]): Promise<void> {
    for (let i = 0; i < chunks.length; i += rowsPerStatement) {
      const batch = chunks.slice(i, i + rowsPerStatement)
      let end = 1
      const starts = batch.map(({ data }) => {
        const start = end
        end += data.length
        return start
      })
      await this.#pool.query(
        `insert into ${TABLES[tier.resolution]} (series_id, starts_at, data)
         select id, to_timestamp(seconds), substr($3::bytea, first, bytes)
         from unnest($1::int[], $2::float8[], $4::int[], $5::int[]) as row (id, seconds, first, bytes)
         on conflict (series_id, starts_at) do update set data = excluded.data`,
        [
          batch.map(({ seriesId }) => seriesId),
          // As numbers: a list of dates is formatted one by one, in local time.
          batch.map(({ chunk }) => startOf(tier, chunk).getTime() / 1_000),
          Buffer.concat(batch.map(({ data }) => data)),
          starts,
          batch.map(({ data }) => data.length),
        ],
      )
    }
  }

  /** Ascending by series and time; undefined when there are more than MAX_CHUNKS_READ. */
  async read(
    tier: Tier,
    seriesIds: readonly number[],
    fromChunk: number,
    toChunk: number,
  ): Promise<StoredChunk[] | undefined> {
    if (seriesIds.length === 0 || toChunk < fromChunk) return []
    const { rows } = await this.#pool.query<{ series_id: number; starts_at: Date; data: Buffer }>(
      `select series_id, starts_at, data from ${TABLES[tier.resolution]}
       where series_id = any($1) and starts_at between $2 and $3
       order by series_id, starts_at limit $4`,
      [seriesIds, startOf(tier, fromChunk), startOf(tier, toChunk), MAX_CHUNKS_READ + 1],
    )
    if (rows.length > MAX_CHUNKS_READ) return undefined
    const chunkMs = tier.slotMs * tier.slotsPerChunk
    return rows.map((row) => ({
      seriesId: row.series_id,
      chunk: Math.floor(row.starts_at.getTime() / chunkMs),
      data: row.data,
    }))
  }

  /** Those seen since a time, newest first; of one metric, or of all. */
  async series(filter: { metric?: string; seenSince: number; limit: number }): Promise<StoredSeries[]> {
    const { rows } = await this.#pool.query<Omit<StoredSeries, 'lastSeen'> & { last_seen: Date }>(
      `select id, metric, kind, unit, labels, last_seen from monitoring.series
       where ($1::text is null or metric = $1) and last_seen >= $2 order by last_seen desc limit $3`,
      [filter.metric ?? null, new Date(filter.seenSince), filter.limit],
    )
    return rows.map(({ last_seen, ...row }) => ({ ...row, lastSeen: last_seen.getTime() }))
  }

  async touch(seriesIds: readonly number[], now: number): Promise<void> {
    await this.#pool.query('update monitoring.series set last_seen = $2 where id = any($1)', [
      seriesIds,
      new Date(now),
    ])
  }

  /** Deletes chunks that began before a time, a few thousand per statement. Returns how many. */
  async expire(resolution: Resolution, before: number): Promise<number> {
    const table = TABLES[resolution]
    let deleted = 0
    for (;;) {
      const { rowCount } = await this.#pool.query(
        `delete from ${table} where ctid = any(array(
           select ctid from ${table} where starts_at < $1 limit 5000))`,
        [new Date(before)],
      )
      deleted += rowCount ?? 0
      if ((rowCount ?? 0) < 5_000) return deleted
    }
  }

  async forgetSeries(before: number): Promise<void> {
    await this.#pool.query('delete from monitoring.series where last_seen < $1', [new Date(before)])
  }
}
