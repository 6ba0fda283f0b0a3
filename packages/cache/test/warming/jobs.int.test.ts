import { silentLogger } from '@millrace/core'
import { createPostgresJobQueue } from '@millrace/core/jobs'
import { MetricRegistry } from '@millrace/core/metrics'
import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createCache } from '../../src/index.ts'
import { mountWarmingJobs, warmingJobs } from '../../src/warming/jobs.ts'
import { createWarmer } from '../../src/warming/warmer.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database?.stop())

it('warming runs as jobs: a list, keys by name, the next hour, hot keys and what was learnt', async () => {
  const queue = await createPostgresJobQueue({ url: database.url, logger: silentLogger, pollMs: 500 })
  onTestFinished(() => queue.stop({ deadlineMs: 1_000 }))
  const registry = new MetricRegistry()
  const cache = createCache({ registry })
  onTestFinished(() => cache.close())
  const warmer = createWarmer(cache, {
    loaders: { n: { load: async (id) => `value of ${id}` } },
    perSecond: 10_000,
    predict: {},
    registry,
  })
  onTestFinished(() => warmer.close())
  const saved: unknown[] = []
  const jobs = warmingJobs(warmer, {
    list: () => [{ namespace: 'n', id: 'listed' }],
    save: async (patterns) => void saved.push(patterns),
  })
  await mountWarmingJobs(queue, jobs)

  await queue.enqueue('cache.warm-keys', {})
  await waitFor(() => cache.has('n', 'listed'), { deadlineMs: 10_000 })
  await queue.enqueue('cache.warm-keys', { keys: [{ namespace: 'n', id: 'named' }] })
  await waitFor(() => cache.has('n', 'named'), { deadlineMs: 10_000 })
  warmer.observe('n', 'named')
  await queue.enqueue('cache.save-patterns', {})
  await waitFor(() => saved.length === 1, { deadlineMs: 10_000 })
  expect(saved).toMatchObject([[['n:named', { firstDay: expect.any(Number) as number }]]])
  await queue.enqueue('cache.warm-season', {})
  await queue.enqueue('cache.refresh-hot', {})
  await waitFor(
    async () => {
      const counts = await queue.counts()
      return (
        counts.length === 4 && counts.every(({ waiting, active, failed }) => waiting + active + failed === 0)
      )
    },
    { deadlineMs: 10_000 },
  )
})
