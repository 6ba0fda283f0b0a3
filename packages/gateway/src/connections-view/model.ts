import { z } from 'zod'

/** Per worker; more than anybody reads, and little enough to send every two seconds. */
export const MAX_CONNECTIONS = 1_000

export const connectionsParams = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_CONNECTIONS)
    .default(200)
    .describe('Of each worker: those with a request first, then the oldest.'),
})

export const REQUEST_STATES = ['queued', 'sent', 'answering', 'tunnel'] as const

const openRequest = z.object({
  method: z.string().nullable().describe('null: the engine does not say.'),
  host: z.string().nullable(),
  path: z.string().nullable().describe('Without its query, at most 512 characters.'),
  client: z.string().describe('The visitor’s address, as far as trusted proxies say it.'),
  pool: z.string(),
  backend: z.string().nullable().describe('null: it waits for one, or the gateway answers.'),
  state: z
    .enum(REQUEST_STATES)
    .describe('queued: waits for a backend or the cache. sent: waits for the answer. tunnel: a WebSocket.'),
  ageMs: z.number(),
})

export const openConnection = z.object({
  id: z.string().describe('For close-connection, while it is open.'),
  worker: z.number().optional().describe('Absent: the engine has one process.'),
  address: z.string(),
  port: z.number(),
  protocol: z.string().describe('HTTP/1.1, HTTP/2, WebSocket.'),
  tls: z.boolean(),
  since: z.number().nullable().describe('Milliseconds since the epoch; null: the engine does not say.'),
  receivedBytes: z.number().nullable().describe('From the visitor, headers included.'),
  sentBytes: z.number().nullable(),
  requests: z.array(openRequest).describe('In progress; none: idle. Several only in HTTP/2.'),
})

export const openConnections = z.object({
  total: z.number().describe('Open at the moment.'),
  connections: z.array(openConnection),
})

export type OpenConnection = z.output<typeof openConnection>
export type OpenConnections = z.output<typeof openConnections>
export type OpenRequest = OpenConnection['requests'][number]
