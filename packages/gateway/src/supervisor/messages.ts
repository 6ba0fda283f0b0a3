import type { HttpCacheModule, HttpPurge, TelemetryTarget } from '@millrace/core'
import type { EngineOptions } from '../config.ts'
import type { GatewayTable, ListenAddress } from '../drivers/driver.ts'
import type { ExplainRequest } from '../routing/explain-model.ts'

/** Messages between the supervisor and a gateway worker, over Node's IPC channel. */

export interface WorkerSettings {
  /** 1…n. */
  number: number
  host: string
  port: number
  processes: number
  engine: EngineOptions
  /** Of TLS sessions, base64; the same in all workers. Absent: without TLS. */
  ticketKeys?: string
  table: GatewayTable
  /** Backends drained by hand. */
  drained: readonly string[]
  logLevel: string
  /** File of the access log; undefined: none. */
  accessLog?: string
  telemetry?: TelemetryTarget
  /** Undefined: everything is forwarded. */
  httpCache?: HttpCacheModule
}

/** Each is answered by a `reply` with the same id. */
export type WorkerCall =
  | { name: 'update'; params: GatewayTable }
  | { name: 'drain'; params: { id: string; timeoutMs: number } }
  | { name: 'undrain'; params: { id: string } }
  | { name: 'purge'; params: HttpPurge }
  | { name: 'explain'; params: ExplainRequest }
  | { name: 'connections'; params: { limit: number } }
  | { name: 'disconnect'; params: { id: string } }
  | { name: 'ticketKeys'; params: string }
  | { name: 'certificates'; params?: undefined }
  | { name: 'stats'; params?: undefined }
  | { name: 'ping'; params?: undefined }
  | { name: 'close'; params: { deadlineMs: number } }

export type ToWorker =
  { type: 'init'; settings: WorkerSettings } | ({ type: 'call'; id: number } & WorkerCall)

export interface SerializedError {
  code: string
  message: string
  status: number
  title: string
  details: Record<string, unknown>
}

export type FromWorker =
  | { type: 'hello' }
  | { type: 'listening'; address: ListenAddress }
  | { type: 'failed'; error: SerializedError }
  /** An application purged; the others have caches of their own. */
  | { type: 'purged'; what: HttpPurge }
  | { type: 'reply'; id: number; ok: true; value: unknown }
  | { type: 'reply'; id: number; ok: false; error: SerializedError }
