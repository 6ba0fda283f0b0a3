import type { JobContext, JobQueue } from '@millrace/core'
import type { SeasonSnapshot } from './season-model.ts'
import type { WarmSource } from './warm-keys.ts'
import type { Warmer } from './warmer.ts'

/** A job as `JobQueue` takes it. */
export interface WarmingJob {
  /** `<capability>.<job>`. */
  name: string
  title: string
  /** Five fields, UTC. Undefined: only when it is enqueued. */
  cron: string | undefined
  run: (
    data: { keys?: readonly { namespace: string; id: string }[] },
    context: JobContext,
  ) => Promise<unknown>
}

export interface WarmingJobOptions {
  /** What `cache.warm-keys` loads when its data names no keys. */
  list?: () => WarmSource
  /** Keeps the seasonal patterns over restarts; called every hour by `cache.save-patterns`. */
  save?: (patterns: SeasonSnapshot) => Promise<void>
  /** When the keys of the next hour are loaded. Default `55 * * * *`, as `predict.seasonLeadMs` is by default. */
  seasonCron?: string
}

/**
 * Warming as jobs, for whoever has a job queue and no process of its own to run a warmer in: a job runs once over all processes, so
 * it fills the shared tier, and the memory of the one that ran it. Do not call `start` of that warmer as well.
 */
export function warmingJobs(warmer: Warmer, options: WarmingJobOptions = {}): WarmingJob[] {
  const { list, save } = options
  const jobs: WarmingJob[] = [
    {
      name: 'cache.warm-keys',
      title: 'Load a list of keys into the cache',
      cron: undefined,
      run: ({ keys }, { signal }) => warmer.warm(keys ?? list?.() ?? [], { signal }),
    },
    {
      name: 'cache.warm-season',
      title: 'Load what the next hour will probably ask for',
      cron: options.seasonCron ?? '55 * * * *',
      run: (_, { signal }) => warmer.warmSeason({ signal }),
    },
    {
      name: 'cache.refresh-hot',
      title: 'Renew hot keys before they expire',
      cron: '* * * * *',
      run: async () => ({ refreshed: await warmer.refreshHot({ againInMs: 60_000 }) }),
    },
  ]
  if (save !== undefined) {
    jobs.push({
      name: 'cache.save-patterns',
      title: 'Keep the seasonal patterns',
      cron: '50 * * * *',
      run: async () => {
        const patterns = warmer.patterns()
        await save(patterns)
        return { keys: patterns.length }
      },
    })
  }
  return jobs
}

/** Handles the jobs here and schedules those that have a time. */
export async function mountWarmingJobs(queue: JobQueue, jobs: readonly WarmingJob[]): Promise<void> {
  for (const { name, cron, run } of jobs) {
    await queue.handle(name, run)
    if (cron !== undefined) await queue.schedule(name, cron)
  }
}
