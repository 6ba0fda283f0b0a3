import type { ComponentStatus } from './host.ts'

/**
 * Messages between the supervisor (`millrace up`) and the control plane, over Node's IPC channel as JSON.
 * The control plane is a child so that it can die without taking the data plane with it.
 */

/** The first message to the child. */
export interface InitMessage {
  type: 'init'
  /** The validated configuration tree, platform keys and capability keys together. */
  config: Record<string, unknown>
  /** Where each value came from, for `config print` and the panel: `default`, `file`, `env:NAME`, `flag`. */
  origins: Record<string, string>
  databaseUrl: string
  /** Absolute. */
  dataDir: string
  /** Chosen by the supervisor, kept over restarts. */
  listen: { host: string; port: number }
  /** The gateway's public address, for links. */
  publicUrl: string
  /** Absolute module URLs that export a capability each, in start order. */
  capabilities: string[]
  /** Bearer token of processes that send telemetry. */
  telemetryToken: string
  /** Bearer token of the local command line; role administrator. */
  controlToken: string
}

export type ToControlPlane =
  | InitMessage
  | { type: 'components'; components: ComponentStatus[] }
  | { type: 'result'; id: number; ok: true; value: unknown }
  | {
      type: 'result'
      id: number
      ok: false
      error: {
        code: string
        message: string
        status: number
        /** Whether callers may read the message. Default: below status 500. */
        expose?: boolean
        details?: Record<string, unknown>
      }
    }
  | { type: 'stop'; deadlineMs: number }

export type ToSupervisor =
  | { type: 'hello' }
  | { type: 'ready'; url: string; generatedPassword?: string }
  | { type: 'call'; id: number; host: string; method: string; params?: unknown }
  | { type: 'fatal'; message: string }
