import { quantile } from '@millrace/core/metrics'
import { z } from 'zod'
import type { SplitStats } from '../drivers/driver.ts'
import type { SplitController } from './controller.ts'
import { CANARY_STATES, splitDecision } from './split-state.ts'

/** What screens, actions and the API show of a split. */
export const splitModel = z.object({
  name: z.string(),
  kind: z.enum(['canary', 'blue-green', 'ab']),
  parts: z.array(
    z.object({
      application: z.string(),
      share: z.number().describe('Percent, in force.'),
      requests: z
        .number()
        .describe('That came to its instances since the present workers started, and not the cache.'),
      errors: z.number().describe('5xx, or no answer; also where another part answered in the end.'),
      latency: z.object({ p50Ms: z.number(), p95Ms: z.number(), p99Ms: z.number() }).optional(),
    }),
  ),
  stable: z.string().describe('The application that has the route.'),
  canary: z
    .object({
      state: z.enum(CANARY_STATES),
      steps: z.array(z.number()),
      step: z.number().describe('Index into `steps`.'),
      elapsedMs: z.number().optional().describe('In this step, while it is running.'),
      holdMs: z.number(),
      verdict: z.string().optional().describe('What the last look said, while it is running.'),
    })
    .optional()
    .describe('Absent: it is none.'),
  previous: z.string().optional().describe('Blue-green: where a rollback goes.'),
  decisions: z.array(splitDecision).describe('The last 50, oldest first.'),
})

export type SplitModel = z.output<typeof splitModel>

const milliseconds = (seconds: number): number => Math.round(seconds * 1e5) / 100

export function splitModelOf(controller: SplitController, stats: readonly SplitStats[]): SplitModel {
  const { split, state, shares, verdict, elapsedMs, running } = controller
  const counted = stats.find(({ name }) => name === split.name)
  return {
    name: split.name,
    kind: split.kind,
    stable: split.stable,
    parts: split.parts.map(({ pool }) => {
      const part = counted?.parts.find((one) => one.pool === pool)
      const at = (q: number): number => milliseconds((part && quantile(part.duration, q)) ?? 0)
      return {
        application: pool,
        share: shares[pool]!,
        requests: part?.requests ?? 0,
        errors: part?.errors ?? 0,
        ...(part !== undefined && part.duration.count > 0
          ? { latency: { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) } }
          : {}),
      }
    }),
    ...(split.kind === 'canary'
      ? {
          canary: {
            state: state.canary,
            steps: split.canary.steps,
            step: state.step,
            holdMs: split.canary.holdMs,
            ...(running ? { elapsedMs: Math.round(elapsedMs) } : {}),
            ...(verdict === undefined ? {} : { verdict: verdict.reason }),
          },
        }
      : {}),
    ...(state.previous === undefined ? {} : { previous: state.previous }),
    decisions: state.decisions,
  }
}
