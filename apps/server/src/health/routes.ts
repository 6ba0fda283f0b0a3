import type { Clock } from '@millrace/core'
import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'
import type { ReadinessProbe } from './readiness.ts'
import { livenessSchema, readinessSchema } from './schema.ts'

/** For process managers and load balancers, hence without credentials. */
export function healthRoutes(app: App, probe: ReadinessProbe, version: string, clock: Clock): void {
  const startedAt = clock.monotonic()

  app.get('/health', {
    config: { access: 'public' },
    schema: {
      tags: ['health'],
      summary: 'The process lives',
      security: [],
      response: { 200: livenessSchema, ...problemResponse },
    },
    handler: async () => ({
      status: 'ok' as const,
      uptimeSeconds: Math.round((clock.monotonic() - startedAt) / 1_000),
      version,
    }),
  })

  app.get('/health/ready', {
    config: { access: 'public' },
    schema: {
      tags: ['health'],
      summary: 'What it depends on answers, with latency',
      description: 'degraded still serves; unavailable is answered with 503.',
      security: [],
      response: { 200: readinessSchema, 503: readinessSchema, ...problemResponse },
    },
    handler: async (_request, reply) => {
      const readiness = await probe.check()
      void reply.code(readiness.status === 'unavailable' ? 503 : 200)
      return readiness
    },
  })
}
