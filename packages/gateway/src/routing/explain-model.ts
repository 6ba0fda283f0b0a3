import { z } from 'zod'

/** A request as somebody describes it. */
export const explainParams = z.object({
  url: z.string().min(1).max(8_192).describe('https://shop.example/products/1?size=l, or only /products/1'),
  method: z
    .string()
    .regex(/^[A-Z][A-Z-]{0,31}$/, 'a method in capitals: GET')
    .default('GET'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe('As the visitor sends them: {"cookie":"a=1"}'),
  client: z
    .string()
    .max(64)
    .default('192.0.2.1')
    .describe('The address that the connection comes from. Default: a visitor’s of nowhere.'),
})

export type ExplainRequest = z.output<typeof explainParams>

const candidate = z.object({
  host: z.string().describe('`*`: any.'),
  prefix: z.string(),
  application: z.string(),
  lost: z.string().nullable().describe('What the request does not meet; null: this route won.'),
})

export const explanation = z.object({
  outcome: z.string().describe('In a sentence.'),
  request: z.object({
    method: z.string(),
    host: z.string().nullable(),
    path: z.string(),
    client: z.string().describe('The visitor’s address, as far as trusted proxies say it.'),
    country: z.string().nullable().describe('null: not known, or no route asks.'),
  }),
  candidates: z
    .array(candidate)
    .describe('Routes that were looked at, in that order. Others have another host or path.'),
  split: z
    .object({
      name: z.string(),
      kind: z.string(),
      part: z.string(),
      place: z.number().describe('0 to 9,999 on the line of shares.'),
      placeFrom: z.enum(['cookie', 'hash', 'chance']).describe('chance: the next request may have another.'),
      shares: z.record(z.string(), z.number()),
    })
    .nullable(),
  mirror: z.object({ application: z.string(), share: z.number() }).nullable(),
  pool: z
    .object({
      name: z.string(),
      balance: z.string(),
      sticky: z.string().nullable(),
      rateLimit: z.string().nullable(),
      queued: z.number(),
      backends: z.array(
        z.object({ id: z.string(), takesRequests: z.boolean(), why: z.string(), inFlight: z.number() }),
      ),
    })
    .nullable(),
  cache: z
    .object({
      asked: z.boolean(),
      why: z.string(),
      key: z
        .object({ scheme: z.string(), host: z.string(), target: z.string(), variant: z.string().nullable() })
        .nullable()
        .describe('Fields that change the key where they are sent, and Vary, come on top.'),
    })
    .describe('Of the worker that was asked.'),
  sent: z
    .object({ path: z.string(), headers: z.record(z.string(), z.string()) })
    .nullable()
    .describe('What the instance would get.'),
})

export type Explanation = z.output<typeof explanation>
