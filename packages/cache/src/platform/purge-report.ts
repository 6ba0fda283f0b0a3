import { z } from 'zod'

/**
 * What became, or would become, of a purge in one tier of one cache.
 * `purged`: done. `requested`: others were told and act by themselves. `unreached`: nobody there can be told; entries stay until
 * their time to live ends. `failed`: it was tried.
 */
export const PURGE_OUTCOMES = ['would-purge', 'purged', 'requested', 'unreached', 'failed'] as const

const tierReport = z.object({
  tier: z.enum(['memory', 'shared', 'http', 'edge']),
  /** The cache: of one application or service. Empty for what has only one. */
  keyspace: z.string(),
  outcome: z.enum(PURGE_OUTCOMES),
  /** How many entries it concerns; null: it cannot be known without reading every one. */
  entries: z.number().nullable(),
  /** false: an estimate, or a lower bound, as the note says. */
  exact: z.boolean(),
  note: z.string(),
})

export type TierReport = z.infer<typeof tierReport>

export const purgeReportSchema = z.object({
  preview: z.boolean(),
  /** What was addressed, in words. */
  scope: z.string(),
  tiers: z.array(tierReport),
  /** Some of the keys concerned. */
  sampleKeys: z.array(z.string()),
})

export type PurgeReport = z.infer<typeof purgeReportSchema>
