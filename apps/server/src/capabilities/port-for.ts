import { PORT_PROVIDERS, type PortMap, type Ports } from '@millrace/core'
import { capabilityErrors } from '../errors.ts'
import type { Mounts } from './mounts.ts'

/** Finds a port, or says truthfully why `part`, which needs it, has none. */
export type PortFor = <Name extends keyof PortMap>(name: Name, part: string) => PortMap[Name]

/**
 * Throws SERVER_NOT_STARTED while the capability that provides the port starts, CAPABILITY_FAILED with its reason when it could
 * not, and CAPABILITY_MISSING when it is not there or does not offer this.
 */
export const createPortFor =
  (ports: Ports, mounts: Mounts): PortFor =>
  (name, part) => {
    const found = ports.find(name)
    if (found !== undefined) return found
    const capability = PORT_PROVIDERS[name]
    mounts.service(capability, part)
    throw capabilityErrors.MISSING({ capability, part })
  }
