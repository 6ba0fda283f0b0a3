import { z } from 'zod'
import { coerceText } from '../config/coerce.ts'
import { envNames, formatPath, metaOf } from '../config/schema-tree.ts'
import { redisErrors } from './errors.ts'

const ADDRESS = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:@/[\]]+):\d{1,5}$/
const addresses = z.array(z.string().regex(ADDRESS, 'expected host:port, such as 10.0.0.1:6379')).min(1)

/** Where Redis is. Optional everywhere: with none named, everything that can use Redis works without it. */
export const redisSettings = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .meta({ env: 'REDIS_ENABLED', title: 'Use Redis' })
      .describe('Without effect unless an address is set.'),
    url: z
      .url({
        protocol: /^rediss?$/,
        error: 'expected an address such as redis://user:password@host:6379/0, or rediss:// for TLS',
      })
      .optional()
      .meta({ env: 'REDIS_URL', secret: true, title: 'Redis address' })
      .describe(
        'Instead of host, port, username, password and database; what it does not say is taken from those.',
      ),
    host: z.string().min(1).optional().meta({ env: 'REDIS_HOST', title: 'Redis host' }),
    port: z.int().min(1).max(65_535).default(6_379).meta({ env: 'REDIS_PORT', title: 'Redis port' }),
    username: z
      .string()
      .min(1)
      .optional()
      .meta({ env: 'REDIS_USERNAME', title: 'Redis user' })
      .describe('Of an access control list. Default: the server’s default user.'),
    password: z
      .string()
      .min(1)
      .optional()
      .meta({ env: 'REDIS_PASSWORD', secret: true, title: 'Redis password' }),
    db: z
      .int()
      .min(0)
      .max(65_535)
      .default(0)
      .meta({ env: 'REDIS_DB', title: 'Redis database' })
      .describe('By number. A Cluster has only 0.'),
    tls: z
      .boolean()
      .default(false)
      .meta({ env: 'REDIS_TLS', title: 'TLS to Redis' })
      .describe('Certificates are checked; a private authority is named with NODE_EXTRA_CA_CERTS.'),
    sentinels: addresses
      .optional()
      .meta({ env: 'REDIS_SENTINELS', title: 'Redis Sentinels' })
      .describe('host:port of each. The master they name is used instead of host and port.'),
    sentinelMaster: z
      .string()
      .min(1)
      .default('mymaster')
      .meta({ env: 'REDIS_SENTINEL_MASTER', title: 'Master name at the Sentinels' }),
    sentinelPassword: z
      .string()
      .min(1)
      .optional()
      .meta({ env: 'REDIS_SENTINEL_PASSWORD', secret: true, title: 'Password of the Sentinels' }),
    clusterNodes: addresses
      .optional()
      .meta({ env: 'REDIS_CLUSTER_NODES', title: 'Redis Cluster nodes' })
      .describe('host:port of some; the others are found.'),
    connectTimeoutMs: z.int().min(10).max(60_000).default(2_000).meta({ title: 'Connecting may take (ms)' }),
    commandTimeoutMs: z
      .int()
      .min(10)
      .max(60_000)
      .default(1_000)
      .meta({ title: 'A command may take (ms)' })
      .describe(
        'A connection on which nothing arrives for twice as long although commands wait is made anew.',
      ),
  })
  .refine(({ sentinels, clusterNodes }) => sentinels === undefined || clusterNodes === undefined, {
    message: 'set at most one of sentinels (REDIS_SENTINELS) and clusterNodes (REDIS_CLUSTER_NODES)',
    path: ['clusterNodes'],
  })
  .refine(({ clusterNodes, db }) => clusterNodes === undefined || db === 0, {
    message: 'a Redis Cluster has only database 0',
    path: ['db'],
  })

export type RedisSettings = z.output<typeof redisSettings>
export type RedisTopology = 'single' | 'sentinel' | 'cluster'

/** How Redis is to be reached; undefined when it is switched off or no address is named. */
export function redisTopology(settings: RedisSettings): RedisTopology | undefined {
  if (!settings.enabled) return undefined
  if (settings.clusterNodes !== undefined) return 'cluster'
  if (settings.sentinels !== undefined) return 'sentinel'
  return settings.url !== undefined || settings.host !== undefined ? 'single' : undefined
}

/**
 * Reads the settings from environment variables (REDIS_URL, REDIS_HOST …). A variable set to the empty string counts as
 * not set.
 * @throws REDIS_SETTINGS_INVALID naming each variable that cannot be used, never its value
 */
export function settingsFromEnvironment(env: Readonly<Record<string, string | undefined>>): RedisSettings {
  const tree: Record<string, unknown> = {}
  const problems: string[] = []
  const shape: Record<string, z.ZodType> = redisSettings.shape
  for (const [key, schema] of Object.entries(shape)) {
    const name = envNames(metaOf(schema)).find((variable) => (env[variable] ?? '') !== '')
    if (name === undefined) continue
    const read = coerceText(schema, env[name]!)
    if (read.ok) tree[key] = read.value
    else problems.push(`${name}: expected ${read.expected}`)
  }
  const parsed = redisSettings.safeParse(tree)
  if (parsed.success && problems.length === 0) return parsed.data
  for (const { path, message } of parsed.error?.issues ?? []) {
    const schema = shape[String(path[0])]
    const [name] = schema === undefined ? [] : envNames(metaOf(schema))
    problems.push(`${name ?? formatPath(path)}: ${message}`)
  }
  throw redisErrors.SETTINGS_INVALID({ problems })
}
