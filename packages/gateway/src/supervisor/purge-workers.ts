import type { HttpPurge, Logger } from '@millrace/core'
import type { PurgeResult } from '../drivers/driver.ts'
import { askEach, isEnding } from './ask-each.ts'
import type { WorkerProcess } from './worker-process.ts'

/** A worker whose shared tier is slow takes longer than for other calls. */
const PURGE_MS = 10_000

/**
 * Purges the caches of workers. One that dies meanwhile takes what it held with it, and counts for neither number. One that
 * does not answer, or whose cache cannot do it, is missing in `confirmed`. Never rejects.
 */
export async function purgeWorkers(
  workers: readonly WorkerProcess[],
  what: HttpPurge,
  logger: Logger,
): Promise<PurgeResult> {
  const results = await askEach(workers, async (worker): Promise<PurgeResult> => {
    try {
      return await worker.call<PurgeResult>({ name: 'purge', params: what }, PURGE_MS)
    } catch (error) {
      if (isEnding(worker)) return { workers: 0, confirmed: 0 }
      logger.error({ err: error, worker: worker.number, purge: what }, 'a worker could not purge its cache')
      return { workers: 1, confirmed: 0 }
    }
  })
  return {
    workers: results.reduce((sum, result) => sum + result.workers, 0),
    confirmed: results.reduce((sum, result) => sum + result.confirmed, 0),
  }
}
