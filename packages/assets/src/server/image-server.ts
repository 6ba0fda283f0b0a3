import { availableParallelism } from 'node:os'
import type { Clock, Health, Logger, SharedCacheModule } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import type { FastifyInstance } from 'fastify'
import type { AssetsConfig } from '../config.ts'
import { resolveOptions } from '../images/options.ts'
import { createAssetsInstruments } from '../metrics.ts'
import { SourceFetcher } from '../sources/fetcher.ts'
import { Sources } from '../sources/sources.ts'
import { DiskStore } from '../store/disk-store.ts'
import { SharedResults } from '../store/shared-results.ts'
import { createImageApp } from './app.ts'
import { ImageService } from './image-service.ts'
import { WorkQueue } from './work-queue.ts'

export interface ImageServerOptions {
  config: AssetsConfig
  /** Where paths are fetched, when the configuration does not say. */
  origin: string
  internalPrefixes: readonly string[]
  /** Of the results on disk. */
  folder: string
  /** Where results are shared with other image processes. Default: nowhere. */
  shared?: SharedCacheModule | undefined
  registry: MetricRegistry
  clock: Clock
  logger: Logger
}

export interface ImageServer {
  app: FastifyInstance
  close(): Promise<void>
}

/** Sources held in memory while they arrive, at most. */
const FETCHES = 8

/** Puts the image server together; `app.listen` starts it. */
export async function createImageServer(options: ImageServerOptions): Promise<ImageServer> {
  const { clock, config, logger } = options
  const { limits, store } = config
  const metrics = createAssetsInstruments(options.registry)
  const disk = await DiskStore.open({ folder: options.folder, maxBytes: store.diskBytes, clock, logger })
  const shared =
    options.shared === undefined
      ? undefined
      : await SharedResults.open(options.shared, { logger, registry: options.registry })
  const fetcher = new SourceFetcher({
    origin: config.origin ?? options.origin,
    allowHosts: config.allowHosts,
    privateHosts: config.privateHosts,
    internalPrefixes: options.internalPrefixes,
    maxBytes: limits.sourceBytes,
    timeoutMs: limits.fetchTimeoutMs,
  })
  const bounds = { maxQueued: limits.queued, maxWaitMs: limits.queueMs, clock }
  const queue = new WorkQueue({ ...bounds, concurrency: limits.concurrency ?? availableParallelism() })
  const fetches = new WorkQueue({ ...bounds, concurrency: FETCHES })
  const sources = new Sources({
    fetcher,
    disk,
    queue: fetches,
    metrics,
    clock,
    logger,
    maxPixels: limits.pixels,
    memoryBytes: store.sourceMemoryBytes,
    ttlMs: config.sourceTtlMs,
  })
  const settings = resolveOptions({
    ...config,
    maxBytes: limits.sourceBytes,
    maxPixels: limits.pixels,
    timeoutMs: limits.encodeTimeoutMs,
  })
  const images = new ImageService({
    settings,
    enabled: config.enabled,
    sources,
    disk,
    shared,
    queue,
    metrics,
    clock,
    memoryBytes: store.memoryBytes,
  })
  metrics.queued.observe(() => queue.queued)
  metrics.active.observe(() => queue.active)
  metrics.diskEntries.observe(() => disk.state().entries)
  metrics.diskSize.observe(() => disk.state().bytes)
  const app = createImageApp({
    images,
    fetcher,
    metrics,
    clock,
    logger,
    health: () => healthOf(disk, queue),
    browserMaxAgeS: config.browserMaxAgeS,
  })
  return {
    app,
    async close() {
      await app.close()
      await Promise.all([fetcher.close(), disk.close(), shared?.close()])
    },
  }
}

function healthOf(disk: DiskStore, queue: WorkQueue): Health {
  const { entries, bytes, failure } = disk.state()
  const kept = `${entries} results on disk, ${Math.round(bytes / 1_048_576)} MiB`
  const check = { name: 'disk', state: failure === undefined ? 'healthy' : 'degraded' } as const
  return {
    state: check.state,
    message:
      failure === undefined
        ? `${kept}, ${queue.queued} images waiting`
        : `Results are not kept on disk: ${failure}`,
    checks: [failure === undefined ? check : { ...check, message: failure }],
  }
}
