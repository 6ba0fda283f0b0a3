import {
  coreErrors,
  orderByDependency,
  startCapabilities,
  type AnyCapability,
  type AnyContext,
  type CapabilityStatus,
  type Clock,
  type Lifecycle,
  type Logger,
} from '@millrace/core'
import { capabilityErrors, serverErrors } from '../errors.ts'

/** First segments below `/api` that are the control plane's own. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'audit',
  'auth',
  'capabilities',
  'events',
  'incidents',
  'jobs',
  'performance',
  'recommendations',
  'runtime',
  'server',
  'tokens',
  'users',
])

export type CapabilityState = 'starting' | 'running' | 'degraded' | 'failed'

export type MakeContext = (capability: AnyCapability) => AnyContext | Promise<AnyContext>

export interface Mounts {
  /** In start order. */
  readonly capabilities: readonly AnyCapability[]
  find(name: string): AnyCapability | undefined
  state(name: string): CapabilityState
  /** Why it does not run. */
  error(name: string): Error | undefined
  /**
   * What `create` made. Throws CAPABILITY_MISSING (naming `part`, what was wanted of it) when there is no such
   * capability, CAPABILITY_FAILED when it could not start, SERVER_NOT_STARTED while it starts.
   */
  service(name: string, part: string): unknown
  start(makeContext: MakeContext): Promise<void>
  stop(deadlineMs: number): Promise<void>
}

/** The capabilities this control plane was given: their definitions at once, their services once started. */
export function createMounts(given: readonly AnyCapability[], logger: Logger, clock: Clock): Mounts {
  const capabilities = orderByDependency(given)
  const byName = new Map<string, AnyCapability>()
  for (const capability of capabilities) {
    const { name } = capability
    if (RESERVED_NAMES.has(name) || byName.has(name)) {
      const problem = byName.has(name)
        ? 'the name is taken'
        : `/api/${name} belongs to the control plane itself`
      throw coreErrors.CAPABILITY_INVALID({ name, problem })
    }
    byName.set(name, capability)
  }
  let lifecycle: Lifecycle | undefined
  const statusOf = (name: string): Readonly<CapabilityStatus> | undefined => lifecycle?.get(name)

  return {
    capabilities,
    find: (name) => byName.get(name),
    state: (name) => {
      const state = statusOf(name)?.state ?? 'starting'
      return state === 'stopped' ? 'failed' : state
    },
    error: (name) => statusOf(name)?.error,
    service: (name, part) => {
      if (!byName.has(name)) throw capabilityErrors.MISSING({ capability: name, part })
      const status = statusOf(name)
      if (status?.state === 'running' || status?.state === 'degraded') return status.service
      if (status === undefined || status.state === 'starting') throw serverErrors.NOT_STARTED({})
      const reason = status.error?.message ?? 'it was stopped'
      throw capabilityErrors.FAILED({ capability: name, reason }, status.error)
    },
    start: async (makeContext) => {
      lifecycle = await startCapabilities(capabilities, makeContext, { logger, clock })
    },
    stop: async (deadlineMs) => lifecycle?.stop({ deadlineMs }),
  }
}
