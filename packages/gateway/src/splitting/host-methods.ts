import { z } from 'zod'
import type { HostPart } from '@millrace/core'
import type { SplitStats } from '../drivers/driver.ts'
import type { SplitControl } from './split-control.ts'
import { splitModelOf, type SplitModel } from './split-model.ts'

export const CANARY_ACTIONS = ['start', 'promote', 'rollback', 'pause'] as const
export type CanaryAction = (typeof CANARY_ACTIONS)[number]

const canaryParams = z.object({
  split: z.string().min(1),
  action: z.enum(CANARY_ACTIONS),
  reason: z.string().min(1).max(500).optional(),
})
const switchParams = z.object({
  split: z.string().min(1),
  to: z.string().min(1),
  reason: z.string().min(1).max(500).optional(),
})

/** What the control plane may ask about splits. `applied` resolves when every worker routes by the present shares. */
export function splitMethods(
  control: SplitControl,
  stats: () => Promise<readonly SplitStats[]>,
  applied: () => Promise<void>,
): NonNullable<HostPart['methods']> {
  const model = async (split: string): Promise<SplitModel> => {
    await applied()
    return splitModelOf(control.get(split), await stats())
  }
  return {
    splits: async () => {
      const counted = await stats()
      return control.list().map((controller) => splitModelOf(controller, counted))
    },
    canary: async (params) => {
      const { split, action, reason } = canaryParams.parse(params)
      control.get(split)[action](reason)
      return model(split)
    },
    switch: async (params) => {
      const { split, to, reason } = switchParams.parse(params)
      control.get(split).switchTo(to, reason)
      return model(split)
    },
  }
}
