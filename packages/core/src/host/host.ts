import type { Clock } from '../clock/clock.ts'
import type { PlatformConfig } from '../config/platform.ts'
import type { Logger } from '../logger/logger.ts'
import type { HostPorts } from './ports.ts'

export const COMPONENT_STATES = ['starting', 'ready', 'draining', 'restarting', 'failed', 'stopped'] as const
export type ComponentState = (typeof COMPONENT_STATES)[number]

/** One thing the supervisor keeps alive: a database, a control plane, a gateway worker, an instance. */
export interface ComponentStatus {
  /** Unique: `gateway/1`, `shop/2`, `postgres`. */
  id: string
  kind: 'database' | 'control-plane' | 'worker' | 'instance' | 'service'
  state: ComponentState
  pid?: number
  /** Address it listens on, when it does. */
  address?: string
  /** Milliseconds since the epoch when it last became ready. */
  readySince?: number
  /** Unplanned restarts since the supervisor started. */
  restarts: number
  /** Why it last left `ready`, in words: `exited with signal SIGKILL`. */
  lastFailure?: { at: number; reason: string }
}

/** Where processes of the data plane send their metrics: OTLP/HTTP JSON to `<url>/v1/metrics`. */
export interface TelemetryTarget {
  url: string
  token: string
}

export interface HostContext<Config> {
  name: string
  config: Config
  platform: PlatformConfig
  logger: Logger
  clock: Clock
  /** A folder of its own below the data directory; exists already. */
  dataDir: string
  telemetry: TelemetryTarget
  ports: HostPorts
  /**
   * What the supervisor adds to the environment of an application's processes: telemetry address and token, the
   * agent's NODE_OPTIONS, DATABASE_URL where the application asked for a database, REDIS_* where a Redis is configured, PATH
   * with this Node first.
   */
  environment(application: string): Record<string, string>
  /** Call whenever `status()` would answer differently; the supervisor tells the control plane. */
  changed(): void
  /** Aborted when the supervisor begins to stop, which may be while `start` still waits for something. */
  signal?: AbortSignal
}

export interface HostPart {
  status(): ComponentStatus[]
  /** Called by the control plane through `RuntimeLink.call(<capability>, <method>, params)`. Validate params. */
  methods?: Record<string, (params: unknown) => Promise<unknown>>
  /** Ends everything it started, gracefully until the deadline, then by force. */
  stop(options: { deadlineMs: number }): Promise<void>
}

export interface HostDefinition<Config> {
  /** Resolves when the part is serving; rejects with a MillraceError that says what is wrong. */
  start(context: HostContext<Config>): Promise<HostPart>
}
