import { PERFORMANCE_PARTS, REALTIME_METRICS, type Clock } from '@millrace/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HEALTH_LIMIT_MS, healthOf } from '../capabilities/health-check.ts'
import type { Mounts } from '../capabilities/mounts.ts'
import type { PortFor } from '../capabilities/port-for.ts'
import { capabilityErrors, serverErrors } from '../errors.ts'
import type { App } from '../http/app.ts'
import { mediaResponse, problemResponse } from '../http/openapi.ts'
import { within } from '../http/within.ts'
import { toCsv } from './csv.ts'
import {
  alertsQuery,
  alertsResponse,
  dashboardSchema,
  partSchema,
  realtimeSchema,
  reportResponse,
  reportsQuery,
} from './schema.ts'
import type { RuntimeLink } from '@millrace/core'

const DAY_MS = 86_400_000
const MAX_RANGE_MS = 400 * DAY_MS
/** Over which the newest values are taken. */
const REALTIME_WINDOW_MS = 60_000
const QUERY_LIMIT_MS = 10_000

export interface PerformanceOptions {
  mounts: Mounts
  portFor: PortFor
  runtime: RuntimeLink
  openIncidents(): number
  clock: Clock
}

function rangeOf(query: { from?: number | undefined; to?: number | undefined }, clock: Clock) {
  const to = query.to ?? clock.now()
  const from = query.from ?? to - DAY_MS
  if (!(from < to) || to - from > MAX_RANGE_MS) {
    throw serverErrors.INPUT_INVALID({
      problems: [{ path: 'from', message: `must be before \`to\` (${to}), by at most ${MAX_RANGE_MS} ms` }],
    })
  }
  return { from, to }
}

/** Reading half of seed 004: overviews of capabilities, and what ports offer. Absent parts answer 503. */
export function performanceRoutes(app: App, options: PerformanceOptions): void {
  const { mounts, portFor, runtime, clock } = options
  const config = { access: 'viewer' as const }

  const overviewOf = async (name: string, part: string): Promise<Record<string, unknown> | undefined> => {
    const service = mounts.service(name, part)
    const capability = mounts.find(name)
    if (capability?.overview === undefined) return undefined
    return within(capability.overview(service as never), HEALTH_LIMIT_MS, `The overview of '${name}'`, clock)
  }

  app.get('/api/performance/dashboard', {
    config,
    schema: {
      tags: ['performance'],
      summary: 'Everything at a glance',
      response: { 200: dashboardSchema, ...problemResponse },
    },
    handler: async () => {
      const parts = await Promise.all(
        mounts.capabilities.map(async (capability) => {
          const { name, title } = capability
          const [health, overview] = await Promise.all([
            healthOf(capability, mounts, clock),
            overviewOf(name, 'Its overview').catch(() => undefined),
          ])
          return [name, { title, state: mounts.state(name), health, overview }] as const
        }),
      )
      const missing = Object.entries(PERFORMANCE_PARTS)
        .filter(([, name]) =>
          ['failed', 'starting'].includes(mounts.find(name) ? mounts.state(name) : 'failed'),
        )
        .map(([part, capability]) => ({ part, capability }))
      return {
        generatedAt: clock.now(),
        parts: Object.fromEntries(parts),
        missing,
        components: [...runtime.components()],
        openIncidents: options.openIncidents(),
      }
    },
  })

  for (const [part, name] of Object.entries(PERFORMANCE_PARTS)) {
    app.get(`/api/performance/${part}`, {
      config,
      schema: {
        tags: ['performance'],
        summary: `Overview: ${part}`,
        response: { 200: partSchema, ...problemResponse },
      },
      handler: async () => {
        const label = `/api/performance/${part}`
        const overview = await overviewOf(name, label)
        const capability = mounts.find(name)
        if (overview === undefined || capability === undefined) {
          throw capabilityErrors.FAILED({ capability: name, reason: 'it offers no overview' })
        }
        const health = await healthOf(capability, mounts, clock)
        return { part, capability: name, generatedAt: clock.now(), health, overview }
      },
    })
  }

  app.get('/api/performance/metrics/realtime', {
    config,
    schema: {
      tags: ['performance'],
      summary: 'The newest values',
      response: { 200: realtimeSchema, ...problemResponse },
    },
    handler: async () => {
      const reader = portFor('metricReader', '/api/performance/metrics/realtime')
      const metrics = await Promise.all(
        Object.entries(REALTIME_METRICS).map(async ([key, { unit, ...query }]) => {
          const latest = reader.latest({ ...query, windowMs: REALTIME_WINDOW_MS })
          const values = await within(latest, QUERY_LIMIT_MS, query.metric, clock)
          const { metric, aggregate } = query
          return [
            key,
            { metric, aggregate, unit, values: values.map((v) => ({ ...v, labels: { ...v.labels } })) },
          ]
        }),
      )
      return { at: clock.now(), windowMs: REALTIME_WINDOW_MS, metrics: Object.fromEntries(metrics) as never }
    },
  })

  app.get('/api/performance/alerts', {
    config,
    schema: {
      tags: ['performance'],
      summary: 'Alerts of a time range',
      querystring: alertsQuery,
      response: { 200: alertsResponse, ...problemResponse },
    },
    handler: async (request) => {
      const range = rangeOf(request.query, clock)
      const reader = portFor('alertReader', '/api/performance/alerts')
      return { ...range, alerts: await within(reader.list(range), QUERY_LIMIT_MS, 'Reading alerts', clock) }
    },
  })

  const wantsCsv = (request: FastifyRequest): boolean => {
    const { format } = request.query as { format?: string }
    return format === undefined ? (request.headers.accept ?? '').includes('text/csv') : format === 'csv'
  }
  app.get('/api/performance/reports', {
    config,
    schema: {
      tags: ['performance'],
      summary: 'A report as JSON or CSV',
      querystring: reportsQuery,
      response: {
        200: {
          description: 'The rows.',
          content: {
            'application/json': { schema: reportResponse },
            ...mediaResponse('text/csv', '').content,
          },
        },
        ...problemResponse,
      },
    },
    handler: async (request, reply: FastifyReply) => {
      const range = rangeOf(request.query, clock)
      const reporter = portFor('reporter', '/api/performance/reports')
      const rows = await within(reporter.report(range), QUERY_LIMIT_MS, 'The report', clock)
      if (!wantsCsv(request)) return reply.type('application/json').send({ ...range, rows })
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="performance-report.csv"')
        .serializer((text: unknown) => text as string)
        .send(toCsv(rows))
    },
  })
}
