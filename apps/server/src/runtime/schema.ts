import { COMPONENT_STATES } from '@millrace/core'
import { z } from 'zod'
import { timestamp } from '../http/schema.ts'

export const componentSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['database', 'control-plane', 'worker', 'instance', 'service']),
    state: z.enum(COMPONENT_STATES),
    pid: z.int().optional(),
    address: z.string().optional(),
    readySince: timestamp.optional(),
    restarts: z.int().describe('Unplanned ones since the supervisor started.'),
    lastFailure: z.object({ at: timestamp, reason: z.string() }).optional(),
  })
  .meta({ id: 'Component' })

export const runtimeSchema = z
  .object({
    connected: z.boolean().describe('False when the control plane runs without a supervisor.'),
    publicUrl: z.string(),
    components: z.array(componentSchema),
  })
  .meta({ id: 'Runtime' })
