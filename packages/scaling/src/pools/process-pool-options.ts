import type { ApplicationConfig, Clock, Logger, TrafficController } from '@millrace/core'
import type { RunFiles } from '@millrace/core/process'

export interface ProcessPoolOptions {
  name: string
  application: ApplicationConfig
  /** How many at the start. */
  desired: number
  min: number
  max: number
  stopTimeoutMs: number
  /** Complete but for PORT, HOST and MILLRACE_INSTANCE; asked at each start. */
  environment: () => Record<string, string | undefined>
  traffic: () => TrafficController | undefined
  /** Tells whoever routes to the instances; resolves when that is applied. */
  publish: () => Promise<void>
  logger: Logger
  clock: Clock
  runFiles: RunFiles
}
