import type { Clock, Logger } from '@millrace/core'
import type { Instruments } from '@millrace/core/metrics'
import type { SampleConfig } from '../config.ts'
import type { sampleMetrics } from '../metrics.ts'
import { readDiskUsage, type DiskUsage } from './disk-usage.ts'

export interface DiskWatchOptions {
  folder: string
  config: SampleConfig
  clock: Clock
  logger: Logger
  metrics: Instruments<typeof sampleMetrics>
}

/** The last reading, or why there is none. */
export type Reading = { at: number; usage: DiskUsage } | { at: number; error: Error }

/** Reads the disk at once and then every `intervalMs`. */
export class DiskWatch {
  readonly config: SampleConfig
  readonly #options: DiskWatchOptions
  readonly #stop: () => void
  reading: Reading

  private constructor(options: DiskWatchOptions, first: Reading) {
    this.config = options.config
    this.#options = options
    this.reading = first
    this.#stop = options.clock.every(options.config.intervalMs, () => void this.check())
  }

  static async start(options: DiskWatchOptions): Promise<DiskWatch> {
    return new DiskWatch(options, await read(options))
  }

  async check(): Promise<Reading> {
    this.reading = await read(this.#options)
    return this.reading
  }

  stop(): void {
    this.#stop()
  }
}

async function read({ folder, clock, logger, metrics }: DiskWatchOptions): Promise<Reading> {
  const at = clock.now()
  try {
    const usage = await readDiskUsage(folder)
    metrics.diskFree.set(usage.freeBytes)
    metrics.diskUsedRatio.set(usage.usedRatio)
    return { at, usage }
  } catch (error) {
    logger.warn({ err: error }, 'the disk cannot be read')
    return { at, error: error as Error }
  }
}
