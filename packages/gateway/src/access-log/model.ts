import { z } from 'zod'

/** One line of the access log; `logAccess` and the engine haproxy write it. */
export const accessEntry = z.object({
  time: z.number().describe('When the answer was complete, in milliseconds since the epoch.'),
  method: z.string(),
  host: z.string().optional(),
  path: z.string().describe('Without its query.'),
  status: z.number().describe('499: the visitor left before there was an answer.'),
  bytes: z.number(),
  durationMs: z.number(),
  pool: z.string().optional().describe('Absent: no route, in the engine haproxy.'),
  backend: z.string().optional().describe('Absent: no backend was asked.'),
  attempts: z.number(),
  split: z.string().optional(),
  cache: z.string().optional(),
  remote: z.string().optional(),
  traceId: z.string().optional(),
  requestId: z.string().optional(),
  worker: z.number().optional(),
})

export type AccessEntry = z.output<typeof accessEntry>

export const recentParams = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
})

export const recentRequests = z.object({
  enabled: z.boolean().describe('Whether there is an access log: MILLRACE_ACCESS_LOG, gateway.accessLog.'),
  requests: z.array(accessEntry).describe('Newest first.'),
})

export type RecentRequests = z.output<typeof recentRequests>
