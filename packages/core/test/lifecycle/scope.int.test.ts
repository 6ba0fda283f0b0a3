import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEventBus, createPorts, silentLogger } from '../../src/index.ts'
import { createPostgresJobQueue, type JobQueue } from '../../src/jobs/index.ts'
import { openScope } from '../../src/lifecycle/scope.ts'

let database: TestDatabase
let jobs: JobQueue
beforeAll(async () => {
  database = await testDatabase()
  jobs = await createPostgresJobQueue({ url: database.url, logger: silentLogger, pollMs: 500 })
})
afterAll(async () => {
  await jobs.stop({ deadlineMs: 1_000 })
  await database.stop()
})

describe('openScope', () => {
  it('leaves the jobs of a closed scope to whoever handles them next', async () => {
    const ports = createPorts()
    const events = createEventBus(silentLogger)
    const seen: string[] = []
    const first = openScope({ ports, events, jobs })
    await first.jobs.handle<{ n: number }>('scope.job', async ({ n }) => void seen.push(`first ${n}`))
    await first.jobs.enqueue('scope.job', { n: 1 })
    await waitFor(() => seen.length === 1)
    first.close()
    await jobs.enqueue('scope.job', { n: 2 })
    await waitFor(async () =>
      (await jobs.counts()).some(({ queue, waiting }) => queue === 'scope.job' && waiting === 1),
    )
    const second = openScope({ ports, events, jobs })
    await second.jobs.handle<{ n: number }>('scope.job', async ({ n }) => void seen.push(`second ${n}`))
    await waitFor(() => seen.length === 2, { deadlineMs: 20_000 })
    expect(seen).toEqual(['first 1', 'second 2'])
    second.close()
  })
})
