import { healthSchema } from '@millrace/core'
import { z } from 'zod'
import { json } from '../http/schema.ts'

const jsonSchema = z.record(z.string(), json).describe('JSON Schema 2020-12.')

export const actionManifestSchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  effect: z.enum(['read', 'write', 'destructive']),
  anonymous: z.boolean(),
  undoable: z.boolean(),
  inputSchema: jsonSchema,
  outputSchema: jsonSchema,
})

export const capabilityManifestSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    summary: z.string(),
    dependsOn: z.array(z.string()),
    state: z.enum(['starting', 'running', 'degraded', 'failed']),
    error: z.object({ code: z.string(), message: z.string() }).optional().describe('Why it does not run.'),
    health: healthSchema,
    config: z.object({
      schema: jsonSchema,
      values: json.describe('Secrets are replaced by `[redacted]`.'),
      origins: z.record(z.string(), z.string()).describe('Path → default, file, env:NAME, flag or settings.'),
      live: z.array(z.string()).describe('Paths that `PUT /api/performance/settings` may change.'),
    }),
    metrics: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['counter', 'gauge', 'histogram']),
        unit: z.string(),
        help: z.string(),
        labels: z.array(z.string()),
      }),
    ),
    actions: z.array(actionManifestSchema),
    routes: z.array(z.object({ path: z.string(), summary: z.string(), role: z.string() })),
  })
  .meta({ id: 'Capability' })

export const capabilitiesResponse = z.object({ capabilities: z.array(capabilityManifestSchema) })
