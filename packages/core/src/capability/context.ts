import type { Clock } from '../clock/clock.ts'
import type { EventBus } from '../events/bus.ts'
import type { RuntimeLink } from '../host/link.ts'
import type { JobQueue } from '../jobs/queue.ts'
import type { Logger } from '../logger/logger.ts'
import type { Ports } from '../ports/ports.ts'
import type { RedisSettings } from '../redis/settings.ts'
import type { Pool } from 'pg'

/** What a capability is given in the control plane. It keeps nothing global and reaches nothing else. */
export interface CapabilityContext<Config, Instruments> {
  name: string
  /** Validated and complete: every default is filled in. */
  config: Config
  logger: Logger
  /** One instrument per declared metric, already named and bound to the process's registry. */
  metrics: Instruments
  /** How capabilities meet: typed by `PortMap`, provided by whoever implements them. */
  ports: Ports
  events: EventBus
  jobs: JobQueue
  clock: Clock
  /** The store of record. A capability keeps to the schema of its own name. */
  database: Pool
  /** The Redis that all capabilities may use; undefined: none is configured. */
  redis?: RedisSettings | undefined
  /** A folder of its own below the data directory; exists already. */
  dataDir: string
  /** The supervisor that runs the data plane; calls fail with CORE_RUNTIME_UNAVAILABLE when there is none. */
  runtime: RuntimeLink
  /** Aborted when the control plane begins to stop. */
  signal: AbortSignal
}
