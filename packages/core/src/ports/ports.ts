import { coreErrors } from '../errors/errors.ts'
import type { Cache } from './cache.ts'
import type { ImageOptimizer } from './image-optimizer.ts'
import type { MetricReader, MetricWriter } from './metric.ts'
import type { AlertReader, Optimizer, Reporter } from './performance.ts'
import type { Purger } from './purger.ts'
import type { ScaleTarget } from './scale-target.ts'

/**
 * Every way in which capabilities meet. A port is an interface here, one capability provides it, any other may
 * ask for it: that is why no capability imports another.
 */
export interface PortMap {
  cache: Cache
  imageOptimizer: ImageOptimizer
  metricReader: MetricReader
  metricWriter: MetricWriter
  scaleTarget: ScaleTarget
  alertReader: AlertReader
  reporter: Reporter
  optimizer: Optimizer
  purger: Purger
}

/** The capability that provides each port, so that an absent one can be named in the error. */
export const PORT_PROVIDERS: Record<keyof PortMap, string> = {
  cache: 'cache',
  imageOptimizer: 'assets',
  metricReader: 'monitoring',
  metricWriter: 'monitoring',
  scaleTarget: 'scaling',
  alertReader: 'monitoring',
  reporter: 'monitoring',
  optimizer: 'optimization',
  purger: 'cdn',
}

export interface Ports {
  /** Throws CORE_PORT_TAKEN when somebody provides it already. */
  provide<Name extends keyof PortMap>(name: Name, implementation: PortMap[Name]): void
  /** Throws CORE_PORT_MISSING, which names the capability to install. */
  get<Name extends keyof PortMap>(name: Name): PortMap[Name]
  find<Name extends keyof PortMap>(name: Name): PortMap[Name] | undefined
  /** For the provider's dispose. */
  withdraw(name: keyof PortMap): void
}

export function createPorts(): Ports {
  const provided = new Map<keyof PortMap, unknown>()
  return {
    provide: (name, implementation) => {
      if (provided.has(name)) throw coreErrors.PORT_TAKEN({ port: name })
      provided.set(name, implementation)
    },
    get: (name) => {
      const implementation = provided.get(name)
      if (implementation === undefined) {
        throw coreErrors.PORT_MISSING({ port: name, capability: PORT_PROVIDERS[name] })
      }
      return implementation as PortMap[typeof name]
    },
    find: (name) => provided.get(name) as PortMap[typeof name] | undefined,
    withdraw: (name) => void provided.delete(name),
  }
}
