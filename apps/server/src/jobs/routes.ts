import type { JobQueue } from '@millrace/core'
import { z } from 'zod'
import { serverErrors } from '../errors.ts'
import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'

const response = z.object({
  queues: z.array(
    z.object({
      queue: z.string(),
      waiting: z.int(),
      active: z.int(),
      failed: z.int().describe('Retries used up; kept for seven days.'),
    }),
  ),
})

export function jobRoutes(app: App, jobs: () => JobQueue | undefined): void {
  app.get('/api/jobs', {
    config: { access: 'viewer' },
    schema: {
      tags: ['jobs'],
      summary: 'Background work: waiting, running and dead',
      response: { 200: response, ...problemResponse },
    },
    handler: async () => {
      const queue = jobs()
      if (queue === undefined) throw serverErrors.NOT_STARTED({})
      return { queues: await queue.counts() }
    },
  })
}
