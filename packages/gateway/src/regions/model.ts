import { z } from 'zod'

/** What a region says of one application. */
export const applicationReport = z.object({
  up: z.number().describe('Instances that take requests.'),
  queued: z.number().describe('Requests that wait for one.'),
  takes: z.boolean().describe('Whether it can take requests of other regions.'),
})

/** What a gateway answers its peers. */
export const regionReport = z.object({
  region: z.string(),
  /** Its clock, milliseconds since the epoch. */
  now: z.number(),
  applications: z.record(z.string(), applicationReport),
})

export type ApplicationReport = z.output<typeof applicationReport>
export type RegionReport = z.output<typeof regionReport>

export const regionModel = z.object({
  name: z.string(),
  url: z.string(),
  state: z.enum(['waiting', 'up', 'down']).describe('waiting: it has not been asked yet.'),
  rank: z.number().describe('1: the nearest of those that are up.').nullable(),
  roundTripMs: z.number().nullable().describe('Moving average; null: it never answered.'),
  why: z.string().nullable().describe('Why it is out, or did not answer last.'),
  clockSkewMs: z
    .number()
    .nullable()
    .describe('Of its clock ahead of the one here, give or take a round trip.'),
  failures: z.number().describe('Questions without an answer in a row.'),
  answeredAt: z.number().nullable().describe('Milliseconds since the epoch.'),
  changedAt: z.number().nullable(),
  applications: z.record(z.string(), applicationReport),
})

export const regionsModel = z.object({
  self: z.string().nullable().describe('null: there are no regions.'),
  mode: z.enum(['forward', 'redirect']),
  peers: z.array(regionModel),
})

export type RegionModel = z.output<typeof regionModel>
export type RegionsModel = z.output<typeof regionsModel>
