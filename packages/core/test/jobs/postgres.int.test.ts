import { testDatabase, waitFor } from '@millrace/testing'
import { jobQueueSuite } from '@millrace/testing/jobs'
import { expect, it } from 'vitest'
import { createPostgresJobQueue } from '../../src/jobs/index.ts'
import { silentLogger } from '../../src/index.ts'
import { startJobWorker } from '../fixtures/start-job-worker.ts'

jobQueueSuite('createPostgresJobQueue', async () => {
  const database = await testDatabase()
  const options = { logger: silentLogger, pollMs: 500, deadAfterMs: 10_000 }
  return {
    port: database.server.port,
    open: (port = database.server.port) =>
      createPostgresJobQueue({ ...options, url: database.url.replace(/:\d+\//, `:${port}/`) }),
    crash: async () => {
      const { pid } = database.server
      process.kill(pid!, 'SIGKILL')
      await waitFor(() => database.server.pid !== pid, { deadlineMs: 20_000 })
      await waitFor(() => database.pool.query('select 1'), { deadlineMs: 20_000 })
    },
    schedules: async () => {
      const { rows } = await database.pool.query<{ name: string; cron: string; data: unknown }>(
        'select name, cron, data from millrace_jobs.schedule',
      )
      return rows
    },
    worker: {
      start: () => startJobWorker({ driver: 'postgres', url: database.url }),
      // Two jobs a second.
      jobs: 8,
      kills: 1,
      killAfter: 3,
      foundAfterMs: 25_000,
    },
    close: () => database.stop(),
  }
})

it('rejects when there is no database', async () => {
  const refused = createPostgresJobQueue({ url: 'postgres://x@127.0.0.1:1/x', logger: silentLogger })
  await expect(refused).rejects.toMatchObject({ code: 'CORE_JOBS_UNAVAILABLE' })
})
