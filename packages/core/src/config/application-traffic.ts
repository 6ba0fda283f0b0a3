import { z } from 'zod'

/** What the gateway may do for an application beyond forwarding: none of it is on by itself, and each part costs nothing then. */

const milliseconds = z.number().positive().max(86_400_000)

const rate = z.strictObject({
  perSecond: z.number().positive().max(1_000_000),
  burst: z.number().min(1).max(1_000_000).describe('Requests at once.'),
})

export const applicationTraffic = {
  protocol: z
    .enum(['http1', 'http2'])
    .optional()
    .describe(
      'Between the gateway and its instances; http2 for gRPC. Without TLS they must expect HTTP/2 at once (prior knowledge), with TLS offer it by ALPN. Default: http1.',
    ),
  earlyHints: z
    .boolean()
    .optional()
    .describe(
      'The gateway remembers which links to preload, modulepreload or preconnect its pages announce (Link), and sends them as 103 to browsers that navigate by HTTP/2, before an instance is asked. For pages that announce the same to every visitor. Default: off.',
    ),
  sticky: z
    .enum(['off', 'cookie', 'ip'])
    .optional()
    .describe('Visitors keep their instance. Default: gateway.stickySessions.'),
  breaker: z
    .strictObject({
      errorRatio: z
        .number()
        .positive()
        .max(1)
        .default(0.5)
        .describe('Share of failed answers that opens it.'),
      latencyMs: milliseconds.optional().describe('Slower answers count as failed. Default: none does.'),
      minRequests: z.int().min(1).default(20).describe('Fewer in the window open nothing.'),
      windowMs: milliseconds.min(10).default(10_000),
      openMs: milliseconds
        .default(30_000)
        .describe('Doubled each time that the recovery fails, up to 16 times.'),
      steps: z
        .array(z.number().positive().max(100))
        .min(1)
        .default([10, 50, 100])
        .refine(
          (steps) => steps.every((step, at) => step > (steps[at - 1] ?? 0)),
          'each more than the one before',
        )
        .describe('Percentages of its weight while it recovers, each for a window.'),
      panicShare: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe('When more than this share of the instances would be out, all are used.'),
    })
    .optional()
    .describe('Circuit breaker of each instance. {} for the defaults. Default: none.'),
  outlier: z
    .strictObject({
      consecutiveFailures: z.int().min(1).default(5),
      maxEjectedShare: z.number().min(0).max(1).default(0.5),
      baseEjectMs: milliseconds.default(30_000).describe('Times the number of ejections so far.'),
      maxEjectMs: milliseconds.default(300_000),
      serverErrors: z.boolean().default(false).describe('Whether a 5xx counts as a failure.'),
    })
    .refine(({ baseEjectMs, maxEjectMs }) => maxEjectMs >= baseEjectMs, {
      message: 'set maxEjectMs to baseEjectMs or more',
    })
    .optional()
    .describe(
      'Leaves an instance out for a while that fails requests in a row. {} for the defaults. Default: only one that connections cannot be made to.',
    ),
  rateLimit: rate
    .extend({
      by: z
        .templateLiteral(['header:', z.string().min(1)])
        .or(z.literal('client'))
        .default('client')
        .describe('client: by address. header:<name>: by that header’s value.'),
    })
    .optional()
    .describe('Of each client on each of the application’s routes; then 429. Default: none.'),
  instanceRateLimit: rate.optional().describe('Of each instance; what is beyond it waits. Default: none.'),
  maxConnections: z
    .int()
    .min(1)
    .optional()
    .describe('Requests in progress per instance. Default: gateway.limits.backendConnections.'),
}
