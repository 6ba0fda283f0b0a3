import { createReadStream } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Labels, Logger, MetricKind } from '@millrace/core'
import type { ChunkStore } from './chunk-store.ts'
import type { PendingChunk } from './flusher.ts'
import { SeriesIndex } from './series.ts'
import { RESOLUTIONS, type Resolution, type Tier } from './tiers.ts'

const FILE = 'pending.ndjson'

interface Line {
  metric: string
  kind: MetricKind
  unit: string
  labels: Labels
  resolution: Resolution
  chunk: number
  data: string
}

/** Keeps what PostgreSQL would not take when the process ends. Bounded by what memory was allowed to hold. */
export async function saveSpool(
  dataDir: string,
  pending: Iterable<PendingChunk>,
  logger: Logger,
): Promise<void> {
  const lines: string[] = []
  for (const { series, resolution, chunk, data } of pending) {
    const { metric, kind, unit, labels } = series
    const line: Line = { metric, kind, unit, labels, resolution, chunk, data: data.toString('base64') }
    lines.push(JSON.stringify(line))
  }
  if (lines.length === 0) return
  const path = join(dataDir, FILE)
  try {
    // Whole or not at all: half a file would be read as the truth at the next start.
    await writeFile(`${path}.part`, `${lines.join('\n')}\n`, { mode: 0o600 })
    await rename(`${path}.part`, path)
    logger.warn({ chunks: lines.length, path }, 'storage is away: unsaved metrics are kept in a file')
  } catch (error) {
    logger.error(
      { err: error, chunks: lines.length },
      'unsaved metrics are lost: they cannot be kept in a file',
    )
  }
}

/** Writes a spool of the last run to PostgreSQL and removes it. Returns the number of chunks; 0 without a file. */
export async function loadSpool(
  dataDir: string,
  store: ChunkStore,
  tiers: Record<Resolution, Tier>,
  { logger, now }: { logger: Logger; now: number },
): Promise<number> {
  const path = join(dataDir, FILE)
  const index = new SeriesIndex(tiers)
  const lines: Line[] = []
  try {
    for await (const text of createInterface({ input: createReadStream(path) })) {
      const line = parse(text)
      if (line === undefined) logger.warn({ path }, 'a damaged line of unsaved metrics is skipped')
      else lines.push(line)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    logger.warn({ err: error, path }, 'unsaved metrics of the last run cannot be read')
    return 0
  }
  for (const line of lines) {
    if (index.find(line.metric, line.labels) === undefined) index.add(line)
  }
  await store.register([...index.all()], now)
  for (const resolution of RESOLUTIONS) {
    const chunks = lines
      .filter((line) => line.resolution === resolution)
      .map(({ metric, labels, chunk, data }) => ({
        seriesId: index.find(metric, labels)?.id as number,
        chunk,
        data: Buffer.from(data, 'base64'),
      }))
    await store.write(tiers[resolution], chunks)
  }
  await rm(path)
  return lines.length
}

function parse(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Line
    const valid =
      RESOLUTIONS.includes(line.resolution) &&
      Number.isSafeInteger(line.chunk) &&
      typeof line.data === 'string'
    return valid && typeof line.metric === 'string' && typeof line.labels === 'object' ? line : undefined
  } catch {
    return undefined
  }
}
