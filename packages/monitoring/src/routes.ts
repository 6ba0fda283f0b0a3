import { AGGREGATES, defineRoute, type Labels } from '@millrace/core'
import { z } from 'zod'
import { summarize } from './report/summary.ts'
import type { MonitoringService } from './service.ts'
import { parseTime } from './time-range.ts'

const nullable = z.number().nullable()

export const summarySchema = z.object({
  source: z.enum(['gateway', 'application']).nullable().describe('What the request numbers were read from.'),
  requests: z.object({
    ratePerSecond: nullable,
    total: nullable,
    errorRatio: nullable,
    p50Seconds: nullable,
    p95Seconds: nullable,
    p99Seconds: nullable,
  }),
  system: z.object({
    cpuRatio: nullable,
    memoryUsedBytes: nullable,
    memoryTotalBytes: nullable,
    memoryRatio: nullable,
    load1: nullable,
  }),
  database: z.object({ p95Seconds: nullable, ratePerSecond: nullable }),
  cache: z.object({ hitRatio: nullable }),
})

const selection = {
  metric: z.string().min(1).max(200).describe('As the catalogue names it.'),
  aggregate: z.enum(AGGREGATES),
  by: z.string().max(400).optional().describe('Labels to keep, separated by commas. Default: one series.'),
}

// Label filters are parameters of their own, `where.<label>=value`, whose names cannot be known in advance.
const filters = z.union([z.string(), z.array(z.string()), z.number()])
const text = (value: z.output<typeof filters>): string =>
  Array.isArray(value) ? (value.at(-1) ?? '') : String(value)

const rangeQuery = z
  .object({
    ...selection,
    from: z.union([z.string(), z.number()]).default('-1h').describe('Milliseconds, ISO 8601, or `-1h`.'),
    to: z.union([z.string(), z.number()]).default('now'),
    width: z.coerce.number().int().min(1).max(4_000).optional().describe('Most points per series; 600.'),
  })
  .catchall(filters)

const totalQuery = rangeQuery.omit({ width: true }).catchall(filters)

const latestQuery = z
  .object({ ...selection, windowMs: z.coerce.number().int().min(2_000).max(900_000).optional() })
  .catchall(filters)

function whereOf(query: Readonly<Record<string, unknown>>): Labels {
  const where: Record<string, string> = {}
  for (const [name, value] of Object.entries(query)) {
    if (name.startsWith('where.'))
      where[name.slice('where.'.length)] = text(value as z.output<typeof filters>)
  }
  return where
}

const listOf = (by: string | undefined): string[] =>
  (by ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

const labels = z.record(z.string(), z.string())

export const monitoringRoutes = [
  defineRoute({
    path: '/range',
    summary: 'A metric over time, downsampled to a width',
    query: rangeQuery,
    response: z.object({
      metric: z.string(),
      aggregate: z.enum(AGGREGATES),
      unit: z.string(),
      stepMs: z.number(),
      resolution: z.enum(['raw', '1m', '1h']),
      series: z.array(
        z.object({ labels, times: z.array(z.number()), values: z.array(z.number().nullable()) }),
      ),
    }),
    handler: async ({ reader, context }: MonitoringService, { query }) => {
      const now = context.clock.now()
      const { series, ...head } = await reader.range({
        metric: query.metric,
        aggregate: query.aggregate,
        from: parseTime('from', query.from, now),
        to: parseTime('to', query.to, now),
        where: whereOf(query),
        by: listOf(query.by),
        ...(query.width === undefined ? {} : { width: query.width }),
      })
      return { ...head, series: series.map((line) => ({ ...line, labels: { ...line.labels } })) }
    },
  }),
  defineRoute({
    path: '/latest',
    summary: 'The newest value of each series',
    query: latestQuery,
    response: z.object({ values: z.array(z.object({ labels, value: z.number(), at: z.number() })) }),
    handler: async ({ reader }: MonitoringService, { query }) => {
      const values = await reader.latest({
        metric: query.metric,
        aggregate: query.aggregate,
        where: whereOf(query),
        by: listOf(query.by),
        ...(query.windowMs === undefined ? {} : { windowMs: query.windowMs }),
      })
      return { values: values.map((value) => ({ ...value, labels: { ...value.labels } })) }
    },
  }),
  defineRoute({
    path: '/total',
    summary: 'A metric over a whole range as one value per series',
    query: totalQuery,
    response: z.object({ values: z.array(z.object({ labels, value: z.number() })) }),
    handler: async ({ reader, context }: MonitoringService, { query }) => {
      const now = context.clock.now()
      const values = await reader.over({
        metric: query.metric,
        aggregate: query.aggregate,
        from: parseTime('from', query.from, now),
        to: parseTime('to', query.to, now),
        where: whereOf(query),
        by: listOf(query.by),
      })
      return { values: values.map((value) => ({ ...value, labels: { ...value.labels } })) }
    },
  }),
  defineRoute({
    path: '/catalogue',
    summary: 'Metrics seen, with kind, unit, labels and number of series',
    response: z.object({
      metrics: z.array(
        z.object({
          name: z.string(),
          kind: z.enum(['counter', 'gauge', 'histogram']),
          unit: z.string(),
          labels: z.array(z.string()),
          series: z.number(),
        }),
      ),
    }),
    handler: async ({ reader }: MonitoringService) => ({ metrics: await reader.catalogue() }),
  }),
  defineRoute({
    path: '/overview',
    summary: 'The last five minutes in a dozen numbers',
    response: z.object({ windowMs: z.number() }).extend(summarySchema.shape),
    handler: async (service: MonitoringService) => overviewOf(service),
  }),
]

const OVERVIEW_MS = 300_000

export async function overviewOf({ reader, context }: MonitoringService) {
  const to = context.clock.now()
  return { windowMs: OVERVIEW_MS, ...(await summarize(reader, { from: to - OVERVIEW_MS, to })) }
}
