import { z } from 'zod'

export const sampleConfig = z.strictObject({
  intervalMs: z
    .int()
    .min(1_000)
    .default(60_000)
    .meta({ env: 'MILLRACE_SAMPLE_INTERVAL_MS', title: 'Time between readings (ms)' }),
  warnAboveRatio: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.9)
    .meta({ env: 'MILLRACE_SAMPLE_WARN_ABOVE_RATIO', title: 'Warn above (0–1)' })
    .describe('Share of the disk in use from which it is reported as degraded.'),
})

export type SampleConfig = z.output<typeof sampleConfig>

declare module '@millrace/core' {
  interface CapabilityConfigs {
    sample?: z.input<typeof sampleConfig>
  }
}
