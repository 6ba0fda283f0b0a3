import type { Clock, Logger } from '@millrace/core'
import {
  decodeOtlp,
  DeltaTracker,
  OPENMETRICS_CONTENT_TYPE,
  PROMETHEUS_CONTENT_TYPE,
  toPrometheus,
  type MetricRegistry,
} from '@millrace/core/metrics'
import { isLoopback } from '../http/loopback.ts'
import type { PortFor } from '../capabilities/port-for.ts'
import type { Authorize } from '../auth/authenticate.ts'
import type { App } from '../http/app.ts'
import { mediaResponse, problemResponse } from '../http/openapi.ts'
import { z } from 'zod'

/** Bytes of one OTLP request. */
export const TELEMETRY_BODY_LIMIT = 4 * 1024 * 1024

export interface MetricRoutesOptions {
  registry: MetricRegistry
  familiar: MetricRegistry
  portFor: PortFor
  authorize: Authorize
  clock: Clock
  logger: Logger
}

/** What Prometheus scrapes, and where every process of ours sends its metrics. */
export function metricRoutes(app: App, options: MetricRoutesOptions): void {
  const { registry, familiar, portFor, authorize, clock } = options
  const tracker = new DeltaTracker({ since: clock.now() })

  app.get('/metrics', {
    config: { access: 'public' },
    schema: {
      tags: ['metrics'],
      summary: 'The control plane’s metrics as Prometheus text',
      description: 'Without credentials from this machine; from elsewhere for viewers.',
      response: {
        200: mediaResponse('text/plain', 'Text format 0.0.4, or OpenMetrics by Accept.'),
        ...problemResponse,
      },
    },
    serializerCompiler: () => (data: unknown) => data as string,
    handler: async (request, reply) => {
      if (!isLoopback(request)) await authorize(request, 'viewer')
      const openMetrics = (request.headers.accept ?? '').includes('application/openmetrics-text')
      const collected = [...familiar.collect(), ...registry.collect()]
      return reply
        .type(openMetrics ? OPENMETRICS_CONTENT_TYPE : PROMETHEUS_CONTENT_TYPE)
        .send(toPrometheus(collected, {}, { openMetrics }))
    },
  })

  app.post('/v1/metrics', {
    config: { access: 'telemetry' },
    bodyLimit: TELEMETRY_BODY_LIMIT,
    schema: {
      tags: ['metrics'],
      summary: 'Receive metrics (OTLP/HTTP JSON)',
      description: 'Needs the telemetry token that the supervisor gives to the processes it starts.',
      body: z.unknown(),
      response: {
        200: z.object({
          partialSuccess: z.object({ rejectedDataPoints: z.string(), errorMessage: z.string() }).optional(),
        }),
        ...problemResponse,
      },
    },
    handler: async (request) => {
      const writer = portFor('metricWriter', 'POST /v1/metrics')
      const { points, rejected } = decodeOtlp(request.body, { tracker, receivedAt: clock.now() })
      const written = writer.write(points)
      const refused = rejected + written.rejected
      if (refused === 0) return {}
      options.logger.debug({ refused, accepted: written.accepted }, 'metric points were refused')
      const errorMessage = 'Points that are malformed or beyond a limit were refused.'
      return { partialSuccess: { rejectedDataPoints: String(refused), errorMessage } }
    },
  })
}
