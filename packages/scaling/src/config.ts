import { z } from 'zod'

/** Under either name of the documentation; the first one that is set wins. */
const env = (name: string, loadBalancerName: string): [string, string] => [
  name,
  `LOAD_BALANCER_AUTO_SCALING_${loadBalancerName}`,
]

/** Bounds hold for every change, by hand or automatic. */
export const scalingConfig = z
  .strictObject({
    minInstances: z
      .int()
      .min(1)
      .max(256)
      .default(1)
      .meta({ env: env('MIN_INSTANCES', 'MIN_INSTANCES'), title: 'Fewest instances per application' }),
    maxInstances: z
      .int()
      .min(1)
      .max(256)
      .default(10)
      .meta({ env: env('MAX_INSTANCES', 'MAX_INSTANCES'), title: 'Most instances per application' }),
    autoScaling: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .meta({ env: env('AUTO_SCALING_ENABLED', 'ENABLED'), title: 'Automatic scaling' })
          .describe('Not in this version: accepted and reported, the number of instances changes by hand.'),
        cooldownMs: z
          .int()
          .min(0)
          .default(300_000)
          .meta({ env: env('SCALING_COOLDOWN', 'COOLDOWN'), title: 'Pause between automatic changes (ms)' })
          .describe('Not in this version.'),
      })
      .prefault({}),
    stopTimeoutMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(10_000)
      .meta({ title: 'Time to exit after SIGTERM (ms)' })
      .describe('Counted after the drain; then SIGKILL.'),
  })
  .refine((value) => value.minInstances <= value.maxInstances, {
    path: ['minInstances'],
    message: 'must not be above maxInstances',
  })

export type ScalingConfig = z.output<typeof scalingConfig>

declare module '@millrace/core' {
  interface CapabilityConfigs {
    scaling?: z.input<typeof scalingConfig>
  }
}
