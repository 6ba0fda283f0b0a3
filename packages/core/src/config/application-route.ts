import { z } from 'zod'

/** Of an application's routes: what decides about them, and who shares in their traffic. */

const method = z.string().regex(/^[A-Z][A-Z-]{0,31}$/, 'a method in capitals: GET')
const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens')
const percent = z.number().min(0).max(100)
const isHundredth = (value: number): boolean => Math.abs(value * 100 - Math.round(value * 100)) < 1e-6
/** Visitors have places of a hundredth of a percent: a finer share would be another one. */
const IN_HUNDREDTHS = 'a percentage in steps of 0.01'

const header = z
  .strictObject({
    name: z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, 'the name of a header'),
    value: z.string().max(4_096).optional().describe('Compared as it is.'),
    pattern: z
      .string()
      .max(1_024)
      .optional()
      .describe(
        'RE2 syntax, of the whole value: matched in linear time, without back-references and look-around.',
      ),
  })
  .refine(({ value, pattern }) => value === undefined || pattern === undefined, {
    message: 'set `value` or `pattern`, or neither: the header is there',
  })

const canary = z
  .strictObject({
    steps: z
      .array(z.number().positive().max(100).refine(isHundredth, IN_HUNDREDTHS))
      .min(1)
      .max(20)
      .default([1, 5, 25, 50, 100])
      .refine(
        (steps) => steps.every((step, at) => at === 0 || step > steps[at - 1]!),
        'each more than the one before',
      )
      .refine((steps) => steps.at(-1) === 100, 'the last is 100')
      .describe('Percentages, one after another.'),
    holdMs: z.int().min(100).max(604_800_000).default(300_000).describe('Each step lasts at least so long.'),
    minRequests: z
      .int()
      .min(20)
      .default(100)
      .describe(
        'Of either part in a step, before it is judged as good; ten errors are enough to judge it as bad.',
      ),
    errorMargin: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe(
        'By so much the canary’s share of errors may be above the stable part’s: 0.01 is a percentage point.',
      ),
    latencyMargin: z
      .number()
      .min(0)
      .max(10)
      .default(0.25)
      .describe(
        'By so much of it the canary’s p95 and p99 may be above the stable part’s: 0.25 is a quarter.',
      ),
    latencySlackMs: z
      .number()
      .min(0)
      .default(10)
      .describe(
        'And by so many milliseconds, so that nothing is made of small differences between small numbers.',
      ),
  })
  .prefault({})
  .describe('How a canary goes on by itself, once it is started: action `canary-start`.')

const split = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, 63 at most')
    .describe('In metrics, the access log, the header X-Millrace-Split and actions.'),
  kind: z
    .enum(['canary', 'blue-green', 'ab'])
    .describe('canary: at random. blue-green: one has everything. ab: a visitor stays in its part.'),
  cookie: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'letters, digits, _ and -')
    .optional()
    .describe('Of the visitor’s place. Default: millrace_ab_<name> for `ab`, none for the others.'),
  parts: z
    .array(
      z.strictObject({
        application: name,
        share: percent
          .refine(isHundredth, IN_HUNDREDTHS)
          .describe('Percent, in steps of 0.01; together 100. Until an action changes it.'),
      }),
    )
    .min(2)
    .max(20)
    .describe('The application that has the route is one of them; for a canary it is the stable part.'),
  canary,
})

const mirror = z.strictObject({
  application: name,
  share: percent,
  maxBodyBytes: z
    .int()
    .min(0)
    .max(16_777_216)
    .default(65_536)
    .describe('Requests with a larger body are not copied.'),
  methods: z
    .array(method)
    .min(1)
    .optional()
    .describe('Default: GET, HEAD, OPTIONS and QUERY, which change nothing.'),
})

export const applicationRoute = z.strictObject({
  path: z.string().startsWith('/').describe('Path prefix, matched on whole segments.'),
  stripPrefix: z.boolean().default(false),
  host: z
    .string()
    .max(253)
    .optional()
    .describe('shop.example, or *.shop.example for every name below it. Default: any.'),
  methods: z.array(method).min(1).optional().describe('Default: any.'),
  headers: z.array(header).min(1).max(16).optional().describe('All must match.'),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'two capital letters (ISO 3166-1)'))
    .min(1)
    .optional()
    .describe('Of the visitor, as `gateway.geography` finds out.'),
  split: split.optional().describe('Shares the traffic out instead of sending all of it here.'),
  mirror: mirror
    .optional()
    .describe('Sends copies of requests to another application, whose answers nobody sees.'),
})

export type ApplicationRoute = z.output<typeof applicationRoute>
export type CanarySettings = z.output<typeof canary>
