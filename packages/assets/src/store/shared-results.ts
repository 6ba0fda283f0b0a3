import type { Logger, SharedCache, SharedCacheFactory, SharedCacheModule } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import { decodeRecord, encodeRecord, type StoredRecord } from './record.ts'

/** Larger results are kept on each machine's own disk only. */
export const MAX_SHARED_BYTES = 1_048_576
/** A result is named by what it was made of and never changes: this is for room, not for truth. */
const TTL_MS = 7 * 86_400_000
const NAMESPACE = 'image'

/**
 * Results that other image processes may have made already. Checked as those on disk are: what is damaged is no result.
 * Never rejects.
 */
export class SharedResults {
  readonly #cache: SharedCache

  private constructor(cache: SharedCache) {
    this.#cache = cache
  }

  /** Undefined when the module cannot be used: then results are made here. */
  static async open(
    from: SharedCacheModule,
    context: { logger: Logger; registry: MetricRegistry },
  ): Promise<SharedResults | undefined> {
    try {
      const { createSharedCache } = (await import(from.module)) as { createSharedCache: SharedCacheFactory }
      const cache = await createSharedCache(from.options, {
        ...context,
        name: 'images',
        namespace: NAMESPACE,
        ttlMs: TTL_MS,
        maxValueBytes: MAX_SHARED_BYTES,
        // The image process has a memory of its own, of decoded records.
        memoryBytes: 0,
      })
      return new SharedResults(cache)
    } catch (error) {
      context.logger.error({ err: error }, 'image results are not shared with other machines')
      return undefined
    }
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    const content = await this.#cache.get<unknown>(NAMESPACE, key).catch(() => undefined)
    return Buffer.isBuffer(content) ? decodeRecord(content) : undefined
  }

  async write(key: string, record: StoredRecord): Promise<void> {
    if (record.body.byteLength > MAX_SHARED_BYTES - 1_024) return
    await this.#cache.set(NAMESPACE, key, encodeRecord(record)).catch(() => undefined)
  }

  close(): Promise<void> {
    return this.#cache.close()
  }
}
