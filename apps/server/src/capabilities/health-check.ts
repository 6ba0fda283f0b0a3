import type { AnyCapability, Clock, Health } from '@millrace/core'
import { within } from '../http/within.ts'
import type { Mounts } from './mounts.ts'

/** How long one dependency may take to say how it is. */
export const HEALTH_LIMIT_MS = 5_000

/** The health of a capability, whatever its state; never rejects. */
export async function healthOf(capability: AnyCapability, mounts: Mounts, clock: Clock): Promise<Health> {
  const { name } = capability
  const state = mounts.state(name)
  if (state === 'starting') return { state: 'degraded', message: 'starting' }
  if (state === 'failed') {
    return { state: 'failed', message: mounts.error(name)?.message ?? 'it was stopped' }
  }
  try {
    const health = await within(
      capability.health(mounts.service(name, 'Its health') as never),
      HEALTH_LIMIT_MS,
      `The health of '${name}'`,
      clock,
    )
    if (state === 'degraded' && health.state === 'healthy') {
      return { ...health, state: 'degraded', message: 'something it depends on does not run' }
    }
    return health
  } catch (error) {
    return { state: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}
