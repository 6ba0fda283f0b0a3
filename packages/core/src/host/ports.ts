/** Ports between host parts, inside the supervisor. */

import type { HttpCacheModule } from '../ports/http-cache.ts'
import type { SharedCacheModule } from '../ports/shared-cache.ts'

export type InstanceState = 'starting' | 'ready' | 'draining' | 'stopped' | 'failed'

/** One running copy of an application, or an address that runs elsewhere. */
export interface Instance {
  /** Unique over all pools and never reused: `shop/2`. */
  id: string
  pool: string
  host: string
  port: number
  /** Relative share of traffic; 1 unless configured. */
  weight: number
  state: InstanceState
  /** Where it runs, as its source names it. */
  zone?: string
  /** While an instance of a lower number can take requests, this one gets none (RFC 2782). Default 0. */
  priority?: number
}

/** Who knows the instances: the process manager, a static list, DNS, Consul, Kubernetes. */
export interface InstanceSource {
  list(): readonly Instance[]
  /** The listener is awaited: when `changed` resolves, the gateway has applied the new list. */
  onChange(listener: (instances: readonly Instance[]) => Promise<void> | void): () => void
}

/** Who sends the traffic: the gateway. */
export interface TrafficController {
  /**
   * Stops sending new requests to the instance in every worker and resolves when none is in flight any more, or
   * after `timeoutMs` with the number that still is.
   */
  drain(instanceId: string, timeoutMs: number): Promise<{ inFlight: number }>
}

/** An internal service that the gateway routes to by path prefix, such as the image optimiser. */
export interface ServiceRoute {
  /** `/_millrace/image` */
  prefix: string
  pool: string
  /** `loopback`: only for connections from this machine that carry no forwarding header. Default `any`. */
  access?: 'any' | 'loopback'
}

export interface HostPortMap {
  instances: InstanceSource
  traffic: TrafficController
  /** Where the gateway's workers find the HTTP cache; none: they forward everything. */
  httpCache: HttpCacheModule
  /** Where other processes find a cache that they share over machines; none: there is nothing to share it with. */
  sharedCache: SharedCacheModule
}

/** Several sources may provide `instances`; `all` returns them in the order they were provided. */
export interface HostPorts {
  provide<Name extends keyof HostPortMap>(name: Name, implementation: HostPortMap[Name]): void
  all<Name extends keyof HostPortMap>(name: Name): readonly HostPortMap[Name][]
  find<Name extends keyof HostPortMap>(name: Name): HostPortMap[Name] | undefined
  /** Adds a prefix that the gateway sends to the pool of that name. */
  addRoute(route: ServiceRoute): void
  routes(): readonly ServiceRoute[]
  onRoutes(listener: () => void): () => void
}
