import { z } from 'zod'
import { applicationTraffic } from './application-traffic.ts'
import { applicationRoute } from './application-route.ts'
import { redisSettings } from '../redis/settings.ts'
import { applicationDiscover } from './application-discover.ts'
import { applicationHealth } from './application-health.ts'

/**
 * The part of the configuration that no capability owns. A setting's environment variable, title and secrecy stand
 * in its `.meta()`, from which the loader, `config print`, the panel's forms and the reference page are made.
 */

const databaseName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'lower-case letters, digits and underscores')

const application = z
  .strictObject({
    command: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('Started once per instance with its port in PORT: "node server.js".'),
    cwd: z.string().optional().describe('Working directory. Default: the folder of the configuration file.'),
    env: z.record(z.string(), z.string()).default({}).describe('Added to the environment of each instance.'),
    instances: z
      .union([z.int().min(1).max(256), z.literal('auto')])
      .default(1)
      .describe('How many copies run; auto: one per CPU.'),
    prepare: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('Run to its end before the first instance starts, at every start: migrations, for example.'),
    database: databaseName
      .optional()
      .describe(
        'A database of that name is created on the platform’s PostgreSQL and passed as DATABASE_URL.',
      ),
    databases: z
      .record(z.string().regex(/^[A-Z][A-Z0-9_]{0,62}$/, 'the name of an environment variable'), databaseName)
      .default({})
      .describe('Further databases, by the environment variable that gets their address.'),
    upstreams: z
      .array(z.url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:4000' }))
      .min(1)
      .optional()
      .describe('Addresses that run already, instead of a command.'),
    routes: z
      .array(applicationRoute)
      .default([])
      .describe('What the gateway sends here. Default for the only application: everything.'),
    health: applicationHealth.prefault({}),
    discover: applicationDiscover
      .optional()
      .describe('Where addresses are looked up, instead of a command or `upstreams`.'),
    balance: z
      .enum([
        'round-robin',
        'weighted-round-robin',
        'least-connections',
        'ip-hash',
        'least-response-time',
        'two-choices',
        'weighted',
      ])
      .optional()
      .describe('Default: the gateway’s algorithm.'),
    ...applicationTraffic,
    agent: z.boolean().default(true).describe('Preload @millrace/node into Node commands, for metrics.'),
    startTimeoutMs: z.int().min(100).default(30_000).describe('Not ready by then: restarted.'),
    drainTimeoutMs: z
      .int()
      .min(0)
      .default(30_000)
      .describe('How long requests in flight may take on a stop.'),
  })
  .refine(
    ({ command, upstreams, discover }) =>
      [command, upstreams, discover].filter((one) => one !== undefined).length === 1,
    { message: 'set exactly one of `command`, `upstreams` and `discover`' },
  )

export const platformConfig = z.strictObject({
  dataDir: z
    .string()
    .min(1)
    .default('.millrace')
    .meta({ env: 'MILLRACE_DATA_DIR', title: 'Data directory' })
    .describe('All state is kept here and nothing is written elsewhere. Relative to the configuration file.'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .meta({ env: 'MILLRACE_LOG_LEVEL', title: 'Log level' }),
  capabilities: z
    .array(z.string().min(1))
    .default([])
    .meta({ env: 'MILLRACE_CAPABILITIES', title: 'Further capabilities' })
    .describe('Packages beside the installed @millrace/* ones, by name or by path relative to this file.'),
  applications: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'), application)
    .default({})
    .describe('What stands behind the gateway, by name.'),
  // Not `database`: that key belongs to the capability of that name, which tunes any database.
  postgres: z
    .strictObject({
      url: z
        .url({
          protocol: /^postgres(ql)?$/,
          error: 'expected an address such as postgres://user:password@host:5432/database',
        })
        .optional()
        .meta({ env: 'DATABASE_URL', secret: true, title: 'PostgreSQL address' })
        .describe('Default: an embedded PostgreSQL in the data directory.'),
      maxConnections: z.int().min(2).max(100).default(10).meta({ title: 'Connections of the control plane' }),
    })
    .prefault({}),
  redis: redisSettings
    .prefault({})
    .describe(
      'Optional. With it caches share what they hold, control planes hear each other, and jobs are kept in it. Handed to the applications as well.',
    ),
  jobs: z
    .strictObject({
      store: z
        .enum(['auto', 'postgres'])
        .default('auto')
        .meta({ env: 'MILLRACE_JOBS_STORE', title: 'Where jobs are kept' })
        .describe(
          'auto: in Redis when one is configured. Redis has to keep what it is given then (appendonly yes, maxmemory-policy noeviction). Jobs that wait stay where they are when this changes.',
        ),
    })
    .prefault({}),
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1').meta({ env: 'MILLRACE_ADMIN_HOST', title: 'Listen address' }),
      port: z
        .int()
        .min(0)
        .max(65_535)
        .default(0)
        .meta({ env: 'MILLRACE_ADMIN_PORT', title: 'Port' })
        .describe('Of the control plane itself. 0: a free one, kept over restarts.'),
      adminPassword: z
        .string()
        .min(12)
        .max(256)
        .optional()
        .meta({ env: 'MILLRACE_ADMIN_PASSWORD', secret: true, title: 'First administrator password' })
        .describe('Used at the first start only. Default: generated and printed.'),
      mount: z
        .enum(['off', 'loopback', 'public'])
        .default('off')
        .meta({ env: 'MILLRACE_ADMIN_MOUNT', title: 'Panel behind the gateway' })
        .describe('Whether /admin and the control plane’s API are also reachable through the public port.'),
      sessionHours: z
        .number()
        .positive()
        .max(720)
        .default(12)
        .meta({ title: 'Session length (hours)', live: true }),
      historyDays: z
        .int()
        .min(1)
        .max(36_500)
        .default(400)
        .meta({ env: 'MILLRACE_HISTORY_DAYS', title: 'Audit log and incidents (days)', live: true })
        .describe('Audit entries and closed incidents that are older are removed, once a night.'),
      anonymousRead: z
        .boolean()
        .default(false)
        .meta({ env: 'MILLRACE_ANONYMOUS_READ', title: 'Reading without signing in', live: true })
        .describe('Read-only API answers without credentials. For demonstrations on loopback.'),
    })
    .prefault({}),
})

export type PlatformConfig = z.output<typeof platformConfig>
export type ApplicationConfig = PlatformConfig['applications'][string]

/** A capability adds its key by declaration merging, which types `defineConfig`. */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface CapabilityConfigs {}

export type MillraceConfig = z.input<typeof platformConfig> & {
  [Key in keyof CapabilityConfigs]?: CapabilityConfigs[Key]
}

/** For `millrace.config.ts`: types the object; validation happens when it is loaded. */
export function defineConfig(config: MillraceConfig): MillraceConfig {
  return config
}
