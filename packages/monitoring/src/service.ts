import type { CapabilityContext, Health } from '@millrace/core'
import { migrate } from '@millrace/core/postgres'
import { durationMs, type MonitoringConfig } from './config.ts'
import { PointWriter } from './ingest/point-writer.ts'
import type { MonitoringInstruments } from './metrics.ts'
import { RangeReader } from './query/range-reader.ts'
import { SourceFinder } from './query/sources.ts'
import { ChunkStore } from './storage/chunk-store.ts'
import { Flusher } from './storage/flusher.ts'
import { monitoringMigrations } from './storage/migrations.ts'
import { SeriesIndex, type Series } from './storage/series.ts'
import { loadSpool, saveSpool } from './storage/spool.ts'
import { createTiers, RESOLUTIONS, type Resolution } from './storage/tiers.ts'
import { ProcFiles } from './system/proc-files.ts'
import { SystemMetrics } from './system/system-metrics.ts'

const MINUTE = 60_000
export const FLUSH_MS = MINUTE
const SYSTEM_MS = 2_000
const HOUSEKEEPING_MS = 10 * MINUTE
/** Silent for longer, a series leaves memory; PostgreSQL has it. */
const MEMORY_IDLE_MS = 180 * MINUTE
/** A database that does not answer must not hold up the stop: the rest goes into a file. */
const LAST_FLUSH_MS = 5_000
const MAX_RESTORED = 20_000

export type MonitoringContext = Pick<
  CapabilityContext<MonitoringConfig, MonitoringInstruments>,
  'config' | 'logger' | 'metrics' | 'ports' | 'clock' | 'database' | 'dataDir' | 'signal'
>

/** Writer, reader and everything that runs by the clock, put together. */
export class MonitoringService {
  readonly writer: PointWriter
  readonly reader: RangeReader
  readonly context: MonitoringContext
  readonly #index: SeriesIndex
  readonly #store: ChunkStore
  readonly #flusher: Flusher
  readonly #retentionMs: Record<Resolution, number>
  readonly #files = new ProcFiles()
  readonly #timers: (() => void)[] = []
  #memoryCompleteFrom: number
  #disposed: Promise<void> | undefined

  private constructor(context: MonitoringContext) {
    const { config, database, metrics, clock, logger } = context
    this.context = context
    this.#retentionMs = {
      raw: durationMs(config.retention.raw),
      '1m': durationMs(config.retention.minutes),
      '1h': durationMs(config.retention.hours),
    }
    this.#index = new SeriesIndex(createTiers(config.memory.minutes * MINUTE))
    this.#store = new ChunkStore(database)
    const common = { index: this.#index, store: this.#store, metrics, clock, logger }
    this.#flusher = new Flusher({ ...common, pendingBytes: config.memory.pendingBytes })
    this.writer = new PointWriter({ ...common, config })
    this.#memoryCompleteFrom = clock.now()
    const sources = new SourceFinder({
      ...common,
      flusher: this.#flusher,
      memoryCompleteFrom: () => this.#memoryCompleteFrom,
    })
    this.reader = new RangeReader({ ...common, sources, retentionMs: this.#retentionMs })
    metrics.series.observe(() => this.#index.size)
    metrics.memory.observe(() => this.#index.bytes())
  }

  /** Rejects when PostgreSQL cannot be reached: memory without a past would answer wrongly. */
  static async create(context: MonitoringContext): Promise<MonitoringService> {
    context.signal.throwIfAborted()
    await migrate(context.database, 'monitoring', monitoringMigrations)
    const service = new MonitoringService(context)
    await service.#restore()
    service.#start()
    return service
  }

  async #restore(): Promise<void> {
    const { clock, dataDir, logger } = this.context
    const now = clock.now()
    // `last_seen` is written at every housekeeping only.
    const seenSince = now - MEMORY_IDLE_MS - HOUSEKEEPING_MS
    const stored = await this.#store.series({ seenSince, limit: MAX_RESTORED })
    const restored: Series[] = []
    for (const { id, metric, kind, unit, labels, lastSeen } of stored) {
      const series = this.#index.add({ id, metric, kind, unit, labels })
      series.lastAt = lastSeen
      restored.push(series)
    }
    const spooled = await loadSpool(dataDir, this.#store, this.#index.tiers, { logger, now })
    await this.#flusher.restore(restored)
    this.#memoryCompleteFrom = stored.length === MAX_RESTORED ? now : now - MEMORY_IDLE_MS
    if (spooled > 0)
      logger.info({ chunks: spooled }, 'metrics that could not be stored before are stored now')
  }

  #start(): void {
    const { clock, config } = this.context
    this.#timers.push(
      clock.every(FLUSH_MS, () => void this.#flusher.flush()),
      clock.every(HOUSEKEEPING_MS, () => void this.#housekeeping()),
    )
    if (!config.system || !config.enabled) return
    const system = new SystemMetrics(this.#files)
    const collect = (): void => void this.writer.write(system.collect(clock.now()))
    collect()
    this.#timers.push(clock.every(SYSTEM_MS, collect))
  }

  async #housekeeping(): Promise<void> {
    const { clock, logger } = this.context
    const now = clock.now()
    this.#evict(now)
    try {
      const active = [...this.#index.all()].filter(
        ({ lastAt, id }) => id !== undefined && lastAt > now - HOUSEKEEPING_MS * 2,
      )
      await this.#store.touch(
        active.map(({ id }) => id as number),
        now,
      )
      for (const resolution of RESOLUTIONS) {
        await this.#store.expire(resolution, now - this.#retentionMs[resolution])
      }
      await this.#store.forgetSeries(now - Math.max(...Object.values(this.#retentionMs)))
    } catch (error) {
      logger.warn({ err: error }, 'old metrics could not be removed; tried again in ten minutes')
    }
  }

  /** Series that fell silent leave memory, earlier when it is nearly full. */
  #evict(now: number): void {
    const { config } = this.context
    // What waits to be written is newer than PostgreSQL and is found through its series.
    if (this.#flusher.pendingChunks > 0) return
    const crowded = this.#index.bytes() > config.memory.maxBytes * 0.8
    const idleMs = crowded ? config.memory.minutes * MINUTE : MEMORY_IDLE_MS
    for (const series of this.#index.all()) {
      const clean = RESOLUTIONS.every((resolution) => series.rings[resolution].dirty.size === 0)
      if (series.id === undefined || !clean || series.lastAt >= now - idleMs) continue
      this.#memoryCompleteFrom = Math.max(this.#memoryCompleteFrom, series.lastAt + 1)
      this.#index.remove(series)
    }
  }

  /** Writes what changed; true when all of it is stored. */
  flush(): Promise<boolean> {
    return this.#flusher.flush()
  }

  /** Bytes that wait for PostgreSQL. */
  get pendingBytes(): number {
    return this.#flusher.pendingBytes
  }

  health(): Health {
    const { lastError, pendingChunks } = this.#flusher
    const series = `${this.#index.size} series in memory`
    if (lastError === undefined) return { state: 'healthy', message: series }
    return {
      state: 'degraded',
      message: `${series}; ${pendingChunks} chunks wait for PostgreSQL, which says: ${lastError}`,
      checks: [{ name: 'postgres', state: 'failed', message: lastError }],
    }
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#dispose()
    return this.#disposed
  }

  async #dispose(): Promise<void> {
    for (const stop of this.#timers) stop()
    const { clock, dataDir, logger } = this.context
    const timer = new AbortController()
    const late = clock.sleep(LAST_FLUSH_MS, timer.signal).then(
      () => false,
      () => false,
    )
    const stored = await Promise.race([this.#flusher.close(), late])
    timer.abort()
    if (!stored) await saveSpool(dataDir, this.#flusher.pending(), logger)
    this.#files.close()
  }
}
