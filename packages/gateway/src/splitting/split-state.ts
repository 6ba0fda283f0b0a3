import { z } from 'zod'

/** What is kept of a split over restarts. */

const partNumbers = z.object({
  requests: z.number(),
  errors: z.number(),
  p95Ms: z.number().optional(),
  p99Ms: z.number().optional(),
})

export const SPLIT_DECISIONS = [
  'start',
  'advance',
  'promote',
  'rollback',
  'pause',
  'resume',
  'switch',
] as const

export const splitDecision = z.object({
  sequence: z.int().describe('Grows by one with each decision about this split.'),
  at: z.number().describe('Milliseconds since the epoch.'),
  decision: z.enum(SPLIT_DECISIONS),
  by: z.enum(['controller', 'operator']),
  from: z.record(z.string(), z.number()).describe('Shares before, by part.'),
  to: z.record(z.string(), z.number()).describe('Shares after, by part.'),
  reason: z.string(),
  numbers: z.object({ stable: partNumbers, canary: partNumbers }).optional(),
})

export type SplitDecision = z.output<typeof splitDecision>

export const CANARY_STATES = ['idle', 'running', 'paused', 'promoted', 'rolled-back'] as const

export const splitState = z.object({
  kind: z.enum(['canary', 'blue-green', 'ab']),
  /** The parts it was made for: a split that has others now is another one. */
  pools: z.array(z.string()),
  /** The part that has the route; another one makes it another split. Absent in files of before. */
  stable: z.string().optional(),
  canary: z.enum(CANARY_STATES),
  /** Index of the canary's step. */
  step: z.int().min(0),
  /** In force in place of what is configured; undefined: nothing was changed. */
  shares: z.record(z.string(), z.number()).optional(),
  /** Blue-green: what had everything before. */
  previous: z.string().optional(),
  decisions: z.array(splitDecision),
})

export type SplitState = z.output<typeof splitState>

export const savedSplits = z.record(z.string(), splitState)
