import { silentLogger, type Logger, type MetricPoint } from '@millrace/core'
import { createInstruments, MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, type FakeClock } from '@millrace/testing'
import { Pool } from 'pg'
import type { z } from 'zod'
import { monitoringConfig } from '../src/config.ts'
import { PointWriter } from '../src/ingest/point-writer.ts'
import { monitoringMetrics } from '../src/metrics.ts'
import { RangeReader } from '../src/query/range-reader.ts'
import { SourceFinder } from '../src/query/sources.ts'
import { ChunkStore } from '../src/storage/chunk-store.ts'
import { Flusher } from '../src/storage/flusher.ts'
import { SeriesIndex } from '../src/storage/series.ts'
import { createTiers } from '../src/storage/tiers.ts'

/** A minute's start, so that slots and steps are easy to count. */
export const START = Date.UTC(2026, 0, 1, 12)

/** Writer and reader over memory alone: with a pool that is never used, because memory knows everything. */
export function memoryService(config: z.input<typeof monitoringConfig> = {}, logger: Logger = silentLogger) {
  const registry = new MetricRegistry()
  const metrics = createInstruments(registry, 'monitoring', monitoringMetrics)
  const clock: FakeClock = fakeClock({ now: START })
  const index = new SeriesIndex(createTiers(900_000))
  const store = new ChunkStore(new Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' }))
  const common = { index, store, metrics, clock, logger }
  const flusher = new Flusher({ ...common, pendingBytes: 1_000_000 })
  const sources = new SourceFinder({ ...common, flusher, memoryCompleteFrom: () => 0 })
  const retentionMs = { raw: 864e5, '1m': 30 * 864e5, '1h': 400 * 864e5 }
  const reader = new RangeReader({ ...common, sources, retentionMs })
  const writer = new PointWriter({ ...common, config: monitoringConfig.parse(config) })
  const rejections = (): Record<string, number> => {
    const found = registry.collect().find(({ name }) => name === 'millrace_monitoring_rejected_total')
    return Object.fromEntries(
      (found?.series ?? []).map(({ labels, value }) => [labels['reason'], value as number]),
    )
  }
  return { clock, index, writer, reader, flusher, rejections }
}

export const point = (
  kind: MetricPoint['kind'],
  at: number,
  value: MetricPoint['value'],
  labels: Record<string, string> = {},
  name = kind === 'counter' ? 'n_total' : kind === 'gauge' ? 'level' : 'wait_seconds',
): MetricPoint => ({ name, kind, unit: kind === 'histogram' ? 's' : '1', labels, at, value })
