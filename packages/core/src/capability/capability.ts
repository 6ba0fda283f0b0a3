import type { z } from 'zod'
import type { Instruments, MetricTable } from '../metrics/declare.ts'
import type { HostDefinition } from '../host/host.ts'
import type { Action } from './action.ts'
import type { CapabilityContext } from './context.ts'
import type { Health } from './health.ts'
import type { Recommendation } from './recommendation.ts'
import type { Route } from './route.ts'

/**
 * Everything the platform knows of a capability. What each part becomes:
 * config → the validated tree, a form, `config print`, a reference table; metrics → `/metrics` and charts;
 * actions → `POST /api/<name>/actions/<action>`, a button, a CLI verb, an audit entry; routes → read models;
 * health → readiness and a badge; overview → `GET /api/performance/dashboard`; recommend → the inbox;
 * host → the part that runs in the supervisor (`millrace up`) and survives a restart of the control plane.
 */
export interface Capability<
  Name extends string = string,
  Config extends z.ZodType = z.ZodType,
  Metrics extends MetricTable = MetricTable,
  Service = unknown,
> {
  /** One lower-case word: folder, config key, route prefix, CLI verb, metric prefix and error prefix. */
  name: Name
  title: string
  /** One sentence. */
  summary: string
  /** Capabilities that must have started before this one, by name. A missing one is not an error. */
  dependsOn?: readonly string[]
  config: Config
  metrics: Metrics
  actions: Record<string, Action<Service, z.ZodType, z.ZodType>>
  routes?: readonly Route<Service, z.ZodType, z.ZodType, z.ZodType>[]
  /** The segment under `/api/optimization/` (seed 000) whose `?action=` names actions of this capability. */
  optimizationPath?: string
  /** Loaded in the supervisor only, so that its imports never weigh on the control plane. */
  host?: () => Promise<HostDefinition<z.output<Config>>>
  create(context: CapabilityContext<z.output<Config>, Instruments<Metrics>>): Promise<Service>
  health(service: Service): Promise<Health>
  /** A small JSON summary for `/api/performance/dashboard` and `/api/performance/<name>`. */
  overview?(service: Service): Promise<Record<string, unknown>>
  recommend?(service: Service): Promise<Recommendation[]>
  /** Releases everything `create` acquired. Called once, also when the process stops. */
  dispose(service: Service): Promise<void>
}

// What heterogeneous collections hold: the type parameters are checked where a capability is defined.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyCapability = Capability<string, any, any, any>

/** Of capabilities and actions. */
export const CAPABILITY_NAME = /^[a-z][a-z0-9-]*$/

/** Checks the shape once, at import, and keeps the literal types. */
export function defineCapability<
  const Name extends string,
  Config extends z.ZodType,
  const Metrics extends MetricTable,
  Service,
>(capability: Capability<Name, Config, Metrics, Service>): Capability<Name, Config, Metrics, Service> {
  if (!CAPABILITY_NAME.test(capability.name)) {
    throw new TypeError(`Capability name '${capability.name}' must match ${CAPABILITY_NAME.source}`)
  }
  for (const action of Object.keys(capability.actions)) {
    if (!CAPABILITY_NAME.test(action))
      throw new TypeError(`Action '${capability.name}.${action}' must match ${CAPABILITY_NAME.source}`)
  }
  return capability
}
