import { z } from 'zod'

const evidence = z.object({
  metric: z.string(),
  value: z.number(),
  target: z.number().optional(),
  unit: z.string().optional(),
  /** Where the number was read: a metric query, a file and line, a log. */
  source: z.string(),
})

/** One diagnosed opportunity: why, what to change, what it should bring, and how that will be checked. */
export const recommendationSchema = z.object({
  /** Stable for the same finding, so that it is updated rather than repeated. */
  id: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  why: z.string(),
  evidence: z.array(evidence).min(1),
  impact: z.object({ metric: z.string(), estimate: z.string(), confidence: z.number().min(0).max(1) }),
  difficulty: z.enum(['easy', 'moderate', 'hard']),
  action: z.object({ name: z.string(), input: z.unknown() }).optional(),
  verify: z.object({
    metric: z.string(),
    windowMs: z.number().int().positive(),
    keepIf: z.string(),
  }),
})

export type Recommendation = z.infer<typeof recommendationSchema>
