import { z } from 'zod'
import { componentSchema } from '../runtime/schema.ts'
import { healthSchema } from '@millrace/core'
import { json, timestamp } from '../http/schema.ts'

/** `overview()` of one capability. */
const overview = z.record(z.string(), json)

export const dashboardSchema = z
  .object({
    generatedAt: timestamp,
    parts: z.record(
      z.string(),
      z.object({ title: z.string(), state: z.string(), health: healthSchema, overview: overview.optional() }),
    ),
    missing: z
      .array(z.object({ part: z.string(), capability: z.string() }))
      .describe('Parts of the dashboard whose capability is not installed or does not run.'),
    components: z.array(componentSchema),
    openIncidents: z.int(),
  })
  .meta({ id: 'Dashboard' })

export const partSchema = z
  .object({
    part: z.string(),
    capability: z.string(),
    generatedAt: timestamp,
    health: healthSchema,
    overview,
  })
  .meta({ id: 'PerformancePart' })

const range = {
  from: z.coerce.number().optional().describe('Milliseconds since the epoch. Default: 24 h before `to`.'),
  to: z.coerce.number().optional().describe('Milliseconds since the epoch, exclusive. Default: now.'),
}
export const alertsQuery = z.strictObject(range)
export const reportsQuery = z.strictObject({
  ...range,
  format: z.enum(['json', 'csv']).optional().describe('Default: by the `Accept` header, else json.'),
})

export const alertSchema = z
  .object({
    id: z.string(),
    rule: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    state: z.enum(['pending', 'firing', 'resolved']),
    summary: z.string(),
    since: timestamp,
  })
  .meta({ id: 'Alert' })
export const alertsResponse = z.object({ from: timestamp, to: timestamp, alerts: z.array(alertSchema) })

export const reportResponse = z.object({
  from: timestamp,
  to: timestamp,
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
})

export const realtimeSchema = z
  .object({
    at: timestamp,
    windowMs: z.number(),
    metrics: z.record(
      z.string(),
      z.object({
        metric: z.string(),
        aggregate: z.string(),
        unit: z.string(),
        values: z.array(
          z.object({ labels: z.record(z.string(), z.string()), value: z.number(), at: timestamp }),
        ),
      }),
    ),
  })
  .meta({ id: 'RealtimeMetrics' })

export const optimizeBody = z.strictObject({
  targets: z.array(z.string().min(1).max(100)).max(50).optional().describe('Default: everything.'),
})
export const optimizeResponse = z.object({
  result: z.record(z.string(), json),
  auditId: z.string().optional(),
})

export const scaleBody = z.strictObject({
  pool: z.string().min(1).max(100).optional().describe('Default: the only pool there is.'),
  instances: z.int().min(0).max(256),
})
export const scalePoolSchema = z
  .object({
    name: z.string(),
    desired: z.int(),
    ready: z.int(),
    min: z.int(),
    max: z.int(),
    instances: z.array(
      z.object({
        id: z.string(),
        state: z.string(),
        pid: z.int().optional(),
        address: z.string().optional(),
        readySince: timestamp.optional(),
        restarts: z.int(),
      }),
    ),
  })
  .meta({ id: 'ScalePool' })
export const scaleResponse = z.object({ pool: scalePoolSchema, auditId: z.string().optional() })

export const settingsBody = z
  .record(z.string(), json)
  .describe(
    'Path → value: `{ "scaling.maxInstances": 8 }`, or the same as a tree. null takes a setting back.',
  )
export const settingsResponse = z
  .object({
    settings: z.array(
      z.object({
        path: z.string(),
        value: json,
        configured: json.describe('What the configuration says without the stored setting.'),
        stored: z.boolean(),
        title: z.string().optional(),
        description: z.string().optional(),
      }),
    ),
    auditId: z.string().optional(),
  })
  .meta({ id: 'Settings' })
