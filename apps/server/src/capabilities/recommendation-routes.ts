import { recommendationSchema, type Clock, type Logger } from '@millrace/core'
import { z } from 'zod'
import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'
import { within } from '../http/within.ts'
import type { Mounts } from './mounts.ts'

const LIMIT_MS = 10_000
const SEVERITIES = ['critical', 'warning', 'info']

const response = z.object({
  recommendations: z.array(z.object({ capability: z.string(), ...recommendationSchema.shape })),
  failed: z
    .array(z.object({ capability: z.string(), reason: z.string() }))
    .describe('Capabilities that could not say now.'),
})

/** One inbox: what every capability recommends, the most severe first. */
export function recommendationRoutes(app: App, mounts: Mounts, clock: Clock, logger: Logger): void {
  app.get('/api/recommendations', {
    config: { access: 'viewer' },
    schema: {
      tags: ['capabilities'],
      summary: 'What could be better, with evidence',
      response: { 200: response, ...problemResponse },
    },
    handler: async () => {
      const failed: { capability: string; reason: string }[] = []
      const lists = await Promise.all(
        mounts.capabilities.map(async (capability) => {
          const { name } = capability
          if (capability.recommend === undefined) return []
          try {
            const service = mounts.service(name, 'Recommendations')
            const found = await within(
              capability.recommend(service as never),
              LIMIT_MS,
              `Recommendations of '${name}'`,
              clock,
            )
            return found.map((recommendation) => ({ capability: name, ...recommendation }))
          } catch (error) {
            logger.warn({ err: error, capability: name }, 'recommendations could not be read')
            failed.push({ capability: name, reason: error instanceof Error ? error.message : String(error) })
            return []
          }
        }),
      )
      const recommendations = lists
        .flat()
        .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
      return { recommendations, failed }
    },
  })
}
