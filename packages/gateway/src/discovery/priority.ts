import type { Instance } from '@millrace/core'

/**
 * Those of the lowest number of priority of which one can take requests, and of all numbers those that drain (RFC 2782:
 * "a client MUST attempt to contact the target host with the lowest-numbered priority it can reach"). When none can, the
 * lowest number.
 */
export function preferred(instances: readonly Instance[], isHealthy: (id: string) => boolean): Instance[] {
  const priorityOf = ({ priority = 0 }: Instance): number => priority
  const ready = instances.filter(({ state }) => state === 'ready')
  const usable = ready.filter(({ id }) => isHealthy(id))
  const best = Math.min(...(usable.length > 0 ? usable : ready).map(priorityOf))
  return instances.filter((instance) => instance.state === 'draining' || priorityOf(instance) === best)
}
