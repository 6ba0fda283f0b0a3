import { defineAction, recommendationSchema } from '@millrace/core'
import { z } from 'zod'
import { monitoringErrors } from './errors.ts'
import { findRecommendations, slowGroups } from './report/diagnosis.ts'
import { createReporter, reportCsv } from './report/reporter.ts'
import { summarize } from './report/summary.ts'
import { summarySchema } from './routes.ts'
import type { MonitoringService } from './service.ts'
import { lastRange } from './time-range.ts'

const timeRange = z
  .string()
  .regex(/^[1-9]\d{0,4}[smhdw]$/, 'a whole number and a unit: 15m, 24h, 7d')
  .default('24h')
  .describe('How far back: 15m, 24h, 7d.')

const QUERIES = 'db_client_operation_duration_seconds'

const rangeOf = ({ context }: MonitoringService, text: string): { from: number; to: number } =>
  lastRange(text, context.clock.now())

export const monitoringActions = {
  metrics: defineAction({
    title: 'Measured performance',
    description: 'Requests, response times, errors, CPU, memory, database and cache over a time range.',
    effect: 'read',
    input: z.strictObject({ timeRange }),
    output: z.object({ from: z.number(), to: z.number() }).extend(summarySchema.shape),
    run: async (service: MonitoringService, input) => {
      const range = rangeOf(service, input.timeRange)
      return { ...range, ...(await summarize(service.reader, range)) }
    },
  }),

  export: defineAction({
    title: 'Export',
    description: 'The measured performance over a time range as rows, in JSON or CSV.',
    effect: 'read',
    input: z.strictObject({ timeRange, format: z.enum(['json', 'csv']).default('json') }),
    output: z.union([
      z.object({
        from: z.number(),
        to: z.number(),
        rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
      }),
      z.string(),
    ]),
    run: async (service: MonitoringService, input) => {
      const range = rangeOf(service, input.timeRange)
      const rows = await createReporter(service.reader).report(range)
      return input.format === 'csv' ? reportCsv(rows) : { ...range, rows }
    },
  }),

  'slow-queries': defineAction({
    title: 'Slow queries',
    description:
      'Statement kinds by 95th percentile, slowest first, as applications saw them through the agent.',
    effect: 'read',
    input: z.strictObject({ timeRange, limit: z.int().min(1).max(100).default(20) }),
    output: z.object({
      from: z.number(),
      to: z.number(),
      thresholdMs: z.number(),
      granularity: z
        .literal('operation')
        .describe('Measured per first SQL keyword; texts are not collected.'),
      queries: z.array(
        z.object({
          service: z.string(),
          operation: z.string(),
          calls: z.number(),
          p95Ms: z.number(),
          meanMs: z.number(),
          slow: z.boolean(),
        }),
      ),
    }),
    run: async (service: MonitoringService, input) => {
      const range = rangeOf(service, input.timeRange)
      const groups = await slowGroups(service.reader, range, QUERIES, ['service', 'operation'])
      if (groups.length === 0) {
        throw monitoringErrors.NOT_MEASURED({
          what: 'database queries',
          missing:
            'no application has reported one in this range. The agent (@millrace/node) times queries made through the package pg.',
        })
      }
      const thresholdMs = service.context.config.thresholds.queryTimeMs
      const queries = groups.slice(0, input.limit).map(({ labels, p95Seconds, calls, meanSeconds }) => ({
        service: labels['service'] ?? '',
        operation: labels['operation'] ?? '',
        calls,
        p95Ms: p95Seconds * 1_000,
        meanMs: meanSeconds * 1_000,
        slow: p95Seconds * 1_000 > thresholdMs,
      }))
      return { ...range, thresholdMs, granularity: 'operation' as const, queries }
    },
  }),

  recommendations: defineAction({
    title: 'Recommendations',
    description: 'What the last fifteen minutes say against the configured thresholds.',
    effect: 'read',
    input: z.strictObject({}),
    output: z.object({ recommendations: z.array(recommendationSchema) }),
    run: async (service: MonitoringService) => {
      const found = await findRecommendations(service)
      if (!found.measured) {
        throw monitoringErrors.NOT_MEASURED({
          what: 'this platform',
          missing: 'no sample has arrived in the last fifteen minutes.',
        })
      }
      return { recommendations: found.recommendations }
    },
  }),

  flush: defineAction({
    title: 'Save metrics now',
    description: 'Writes what was recorded since the last minute to PostgreSQL.',
    effect: 'write',
    input: z.strictObject({}),
    output: z.object({ stored: z.boolean() }),
    run: async (service: MonitoringService) => ({ stored: await service.flush() }),
  }),
}
