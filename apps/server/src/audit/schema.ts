import { ROLES } from '@millrace/core'
import { z } from 'zod'
import { json, limitQuery, timestamp } from '../http/schema.ts'

export const auditEntrySchema = z
  .object({
    id: z.string(),
    at: timestamp,
    actor: z.object({
      kind: z.enum(['user', 'token', 'system', 'anonymous']),
      name: z.string(),
      role: z.enum(ROLES),
    }),
    action: z.string().describe('`<capability>.<action>`, `auth.login`, `settings.update`, …'),
    outcome: z.enum(['ok', 'failed']),
    input: json.optional(),
    output: json.optional(),
    before: json.optional().describe('The state before the change, as far as it is known.'),
    after: json.optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    durationMs: z.number().optional(),
    address: z.string().optional().describe('Where the request came from.'),
  })
  .meta({ id: 'AuditEntry' })

export type AuditEntry = z.infer<typeof auditEntrySchema>

export const auditQuery = z.strictObject({
  limit: limitQuery,
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .describe('Only entries older than the one with this id.'),
  action: z.string().max(200).optional().describe('Exact, or a prefix that ends in `.`: `auth.`'),
  actor: z.string().max(256).optional(),
})

export const auditResponse = z.object({ entries: z.array(auditEntrySchema) })
