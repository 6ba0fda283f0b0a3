import { z } from 'zod'

const label = z.string().min(1).max(253)
const port = z.int().min(1).max(65_535)
const http = z.url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:8500' })

const dns = z
  .strictObject({
    name: z
      .string()
      .max(253)
      .regex(/^(?!-)[\w-]{1,63}(\.[\w-]{1,63})*\.?$/, 'a complete host name; search domains are not tried'),
    type: z.enum(['A', 'AAAA', 'SRV']).default('A').describe('SRV brings ports, priorities and weights.'),
    port: port.optional().describe('Of the addresses; required unless `type` is SRV.'),
    servers: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('"10.0.0.2", "10.0.0.2:5353" or "[fd00::2]:53". Default: the system’s.'),
    minTtlMs: z.int().min(100).default(1_000).describe('Asked again no sooner, whatever the TTL says.'),
    maxTtlMs: z.int().min(1_000).default(60_000).describe('Asked again no later, whatever the TTL says.'),
    timeoutMs: z
      .int()
      .min(10)
      .max(60_000)
      .default(2_000)
      .describe('For each server; they are asked twice in turn.'),
  })
  .refine((value) => value.type === 'SRV' || value.port !== undefined, {
    message: 'addresses come without a port: set it',
    path: ['port'],
  })
  .refine((value) => value.minTtlMs <= value.maxTtlMs, {
    message: 'is larger than `maxTtlMs`',
    path: ['minTtlMs'],
  })

const consul = z.strictObject({
  address: http.default('http://127.0.0.1:8500').describe('Of the agent or server.'),
  service: label,
  tags: z.array(label).default([]).describe('A backend must have all of them.'),
  datacenter: label.optional().describe('Default: the agent’s.'),
  token: z
    .string()
    .min(1)
    .optional()
    .meta({ secret: true })
    .describe('ACL token. Default: `tokenFile`, then the variable CONSUL_HTTP_TOKEN.'),
  tokenFile: z.string().min(1).optional().describe('Read again for each query.'),
  passing: z
    .boolean()
    .default(true)
    .describe('Only those whose checks pass. false: with a warning as well, by their warning weight.'),
  waitMs: z.int().min(1_000).max(600_000).default(60_000).describe('How long Consul may hold a query.'),
})

const kubernetes = z.strictObject({
  service: label,
  namespace: label.optional().describe('Default: the pod’s own.'),
  port: z
    .union([port, z.string().regex(/^[a-z0-9-]{1,63}$/, 'the name of a port')])
    .optional()
    .describe('Name or number. Default: the only one.'),
  address: http.optional().describe('Of the API server. Default: from the pod’s environment.'),
  token: z.string().min(1).optional().meta({ secret: true }),
  tokenFile: z
    .string()
    .min(1)
    .optional()
    .describe('Read again for each request. Default: the pod’s service account.'),
  caFile: z.string().min(1).optional().describe('Default: the pod’s service account.'),
  zone: label.optional().describe('Where this gateway stands: topology hints for it are followed.'),
})

/** `applications.<name>.discover`: where the addresses of an application are looked up that Millrace does not start. */
export const applicationDiscover = z
  .strictObject({
    dns: dns.optional(),
    consul: consul.optional(),
    kubernetes: kubernetes.optional(),
    protocol: z.enum(['http', 'https']).default('http').describe('Spoken to what is found.'),
    keepMs: z
      .int()
      .min(0)
      .default(86_400_000)
      .describe('Without an answer, the backends known last stay this long.'),
    whenEmpty: z
      .enum(['keep', 'remove'])
      .optional()
      .describe(
        'What an answer without backends means. Default: keep the last ones; for kubernetes, remove them.',
      ),
  })
  .refine(
    (value) => [value.dns, value.consul, value.kubernetes].filter((one) => one !== undefined).length === 1,
    { message: 'set exactly one of `dns`, `consul` and `kubernetes`' },
  )

export type ApplicationDiscover = z.output<typeof applicationDiscover>
