import { COMPONENT_STATES } from '@millrace/core'
import { z } from 'zod'
import { limitQuery, timestamp } from '../http/schema.ts'

export const incidentSchema = z
  .object({
    id: z.string(),
    component: z.string(),
    kind: z.string(),
    title: z.string(),
    state: z.enum(['open', 'closed']),
    openedAt: timestamp,
    closedAt: timestamp.nullable(),
    timeline: z.array(z.object({ at: timestamp, state: z.enum(COMPONENT_STATES), message: z.string() })),
  })
  .meta({ id: 'Incident' })

export type Incident = z.infer<typeof incidentSchema>

export const incidentsQuery = z.strictObject({
  limit: limitQuery,
  state: z.enum(['open', 'closed']).optional(),
})
export const incidentsResponse = z.object({ incidents: z.array(incidentSchema) })
