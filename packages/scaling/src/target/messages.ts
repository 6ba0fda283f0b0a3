import { z } from 'zod'

/** What the control plane asks the process manager, and what it answers. */

export const poolRequest = z.strictObject({ pool: z.string().min(1).describe('Name of the application.') })

export const scaleRequest = z.strictObject({
  pool: z.string().min(1).describe('Name of the application.'),
  instances: z.int().min(0).max(256).describe('How many should run.'),
})

export const instanceRequest = z.strictObject({
  instance: z.string().min(1).describe('Id of the instance, such as shop/2.'),
})

export const poolSchema = z.object({
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
      readySince: z.number().optional(),
      restarts: z.int(),
    }),
  ),
})
