import { z } from 'zod'

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and hyphens')
const origin = z
  .url({ protocol: /^https?$/, error: 'expected an address such as https://us.shop.example' })
  .refine(
    (address) => {
      // What is no address at all is reported above, and still comes here.
      if (!URL.canParse(address)) return true
      const { pathname, search, username } = new URL(address)
      return pathname === '/' && search === '' && username === ''
    },
    { error: 'expected an origin, without a path or credentials' },
  )
const milliseconds = (fallback: number, least: number) => z.int().min(least).max(3_600_000).default(fallback)

const peer = z.strictObject({
  name,
  url: origin.describe('Where this gateway reaches the other one. Certificates are checked.'),
  publicUrl: origin.optional().describe('Where visitors reach it, for redirects. Default: `url`.'),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 code'))
    .default([])
    .describe('Visitors from there are redirected to it, with `mode: redirect`.'),
})

/** Other gateways of the same applications, elsewhere. */
export const regionsConfig = z
  .strictObject({
    self: name
      .optional()
      .meta({ env: 'MILLRACE_REGION', title: 'Region' })
      .describe('The name of this gateway’s region, by which its peers know it.'),
    secret: z
      .string()
      .min(16)
      .optional()
      .meta({ env: 'MILLRACE_REGIONS_SECRET', secret: true, title: 'Secret of the regions' })
      .describe('The same in all of them.'),
    peers: z.array(peer).max(32).default([]).describe('The others; none: there are no regions.'),
    mode: z
      .enum(['forward', 'redirect'])
      .default('forward')
      .meta({ env: 'MILLRACE_REGIONS_MODE', title: 'How requests go elsewhere' })
      .describe(
        'forward: through this gateway. redirect: pages that a browser navigates to are answered with 307 to the other region, also those of visitors from its countries; everything else is forwarded.',
      ),
    nearest: z
      .enum(['latency', 'order'])
      .default('latency')
      .meta({ title: 'Nearest region' })
      .describe('By measured round trips, or in the order of `peers`.'),
    intervalMs: milliseconds(2_000, 100).describe('Between two questions to a peer.'),
    timeoutMs: milliseconds(1_500, 10).describe('For its answer.'),
    unhealthyAfter: z.int().min(1).default(2).describe('Questions without an answer in a row: it is out.'),
    healthyAfter: z.int().min(1).default(2).describe('Answers in a row: it is back.'),
    returnAfterMs: milliseconds(5_000, 0).describe(
      'Instances here must have been able to answer for so long before requests stay here again.',
    ),
    maxClockSkewMs: milliseconds(30_000, 1_000).describe(
      'What is signed elsewhere is believed when its time is not further away than this.',
    ),
  })
  .prefault({})
  .superRefine(({ self, secret, peers }, context) => {
    if (peers.length === 0) return
    const report = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message })
    if (self === undefined) report(['self'], 'needed where there are peers')
    if (secret === undefined) report(['secret'], 'needed where there are peers')
    const known = new Set([self])
    for (const [at, { name: peerName }] of peers.entries()) {
      if (known.has(peerName)) report(['peers', at, 'name'], `'${peerName}' is there twice`)
      known.add(peerName)
    }
  })

export type RegionsConfig = z.output<typeof regionsConfig>
export type RegionPeer = RegionsConfig['peers'][number]

/** `undefined`: there are no regions. */
export function regionsOf(
  config: RegionsConfig,
): (RegionsConfig & { self: string; secret: string }) | undefined {
  const { self, secret, peers } = config
  return peers.length === 0 || self === undefined || secret === undefined
    ? undefined
    : { ...config, self, secret }
}
