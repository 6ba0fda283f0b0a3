import type { Clock, HttpCacheModule, Logger, TelemetryTarget } from '@millrace/core'
import type { EngineOptions } from '../config.ts'
import type { GatewayTable } from '../drivers/driver.ts'

export interface WorkerGroupOptions {
  host: string
  port: number
  workers: number
  engine: EngineOptions
  table: GatewayTable
  logger: Logger
  logLevel: string
  clock: Clock
  accessLog?: string
  telemetry?: TelemetryTarget
  /** Asked whenever a worker starts. */
  httpCache?: () => HttpCacheModule | undefined
  /** How often workers are asked whether they still answer. Default 5,000. */
  heartbeatMs?: number
  /** Whenever `status()` would answer differently. */
  changed: () => void
}
