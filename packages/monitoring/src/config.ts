import { z } from 'zod'

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `30d` → milliseconds. The schema has checked the form. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (UNITS[text.at(-1) ?? ''] ?? Number.NaN)
}

const duration = (fallback: string, least: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,4}[mhdw]$/, 'a whole number and a unit: 45m, 24h, 30d, 4w')
    .refine((text) => durationMs(text) >= durationMs(least), `at least ${least}`)
    .default(fallback)

const collected = (env: string, title: string, what: string) =>
  z
    .boolean()
    .default(true)
    .meta({ env: `PERFORMANCE_MONITORING_METRICS_${env}`, title })
    .describe(`Whether ${what} are stored.`)

/** `shortEnv`: a second name of the documentation, which the first one outranks. */
const threshold = (fallback: number, env: string, title: string, shortEnv?: string) =>
  z
    .number()
    .positive()
    .default(fallback)
    .meta({
      env: [`PERFORMANCE_MONITORING_THRESHOLD_${env}`, ...(shortEnv === undefined ? [] : [shortEnv])],
      title,
      live: true,
    })

export const monitoringConfig = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .meta({ env: 'PERFORMANCE_MONITORING_ENABLED', title: 'Store metrics' })
    .describe('Off: nothing is collected or stored; what is stored already can still be read.'),
  metrics: z
    .strictObject({
      api: collected('API', 'Requests', 'request rates and times'),
      database: collected('DATABASE', 'Database', 'query times'),
      cache: collected('CACHE', 'Cache', 'cache hits and misses'),
      memory: collected('MEMORY', 'Memory', 'memory and heap sizes'),
      cpu: collected('CPU', 'CPU', 'CPU times and utilisation'),
    })
    .prefault({}),
  thresholds: z
    .strictObject({
      responseTimeMs: threshold(1_000, 'API_RESPONSE_TIME', 'p95 response time (ms)'),
      queryTimeMs: threshold(500, 'DATABASE_QUERY_TIME', 'p95 query time (ms)', 'SLOW_QUERY_THRESHOLD'),
      cacheHitPercent: threshold(80, 'CACHE_HIT_RATE', 'Cache hits (%)'),
      memoryPercent: threshold(85, 'MEMORY_USAGE', 'Memory in use (%)', 'HIGH_MEMORY_THRESHOLD'),
      cpuPercent: threshold(80, 'CPU_USAGE', 'CPU in use (%)', 'HIGH_CPU_THRESHOLD'),
    })
    .prefault({})
    .describe('What recommendations are measured against.'),
  retention: z
    .strictObject({
      raw: duration('1d', '15m')
        .meta({ env: 'MILLRACE_MONITORING_RETENTION_RAW', title: 'Raw samples' })
        .describe('Every 2 s.'),
      minutes: duration('30d', '3h')
        .meta({ env: 'PERFORMANCE_MONITORING_RETENTION_METRICS', title: 'Minutes' })
        .describe('One value per minute.'),
      hours: duration('400d', '3d')
        .meta({ env: 'MILLRACE_MONITORING_RETENTION_HOURS', title: 'Hours' })
        .describe('One value per hour.'),
    })
    .prefault({}),
  memory: z
    .strictObject({
      minutes: z
        .int()
        .min(15)
        .max(120)
        .default(15)
        .meta({ env: 'MILLRACE_MONITORING_MEMORY_MINUTES', title: 'Raw samples in memory (minutes)' }),
      maxBytes: z
        .int()
        .min(1_048_576)
        .default(128 * 1_048_576)
        .meta({ env: 'MILLRACE_MONITORING_MEMORY_BYTES', title: 'Memory for samples (bytes)' })
        .describe('Beyond it, new series are refused and counted.'),
      pendingBytes: z
        .int()
        .min(65_536)
        .default(32 * 1_048_576)
        .meta({ env: 'MILLRACE_MONITORING_PENDING_BYTES', title: 'Memory while storage is away (bytes)' })
        .describe('Beyond it, the oldest unsaved samples are dropped and counted.'),
    })
    .prefault({}),
  maxSeriesPerMetric: z
    .int()
    .min(1)
    .default(2_000)
    .meta({ env: 'MILLRACE_MONITORING_MAX_SERIES', title: 'Series per metric' })
    .describe('Further label combinations are refused, counted, and warned about once.'),
  system: z
    .boolean()
    .default(true)
    .meta({ env: 'MILLRACE_MONITORING_SYSTEM', title: 'System metrics' })
    .describe('CPU, memory, load, disk, network and open files of this machine, every 2 s.'),
})

export type MonitoringConfig = z.output<typeof monitoringConfig>

declare module '@millrace/core' {
  interface CapabilityConfigs {
    monitoring?: z.input<typeof monitoringConfig>
  }
}
