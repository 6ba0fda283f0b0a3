import type { Health } from '@millrace/core'
import type { CacheService } from '../service.ts'
import { sharedState } from './shared-state.ts'

/** Above this share of its limit, Redis is about to evict, or to refuse writes. */
const REDIS_FULL = 0.95

/** Degraded, never failed: without the shared tier every process goes on from its memory. */
export async function cacheHealth({ cache, shared, config }: CacheService): Promise<Health> {
  const { entries, bytes, maxBytes } = cache.stats()
  const own = `${entries} entries, ${Math.round((bytes / maxBytes) * 100)} % of the memory allowed`
  const state = await sharedState(shared, config.shared.enabled)
  if (state.state === 'off') return { state: 'healthy', message: own }
  const name = `redis (${state.kind})`
  if (state.state === 'down') {
    return {
      state: 'degraded',
      message: `Redis is away: caches answer from memory and do not hear of each other. ${state.message}`,
      checks: [{ name, state: 'degraded', message: state.message }],
    }
  }
  const { usedBytes, maxBytes: limit, latencyMs } = state
  const check = { name, ...(latencyMs === null ? {} : { latencyMs }) }
  if (usedBytes !== null && limit !== null && limit > 0 && usedBytes > limit * REDIS_FULL) {
    const message = `Redis has used ${Math.round((usedBytes / limit) * 100)} % of its memory`
    return { state: 'degraded', message, checks: [{ ...check, state: 'degraded', message }] }
  }
  return { state: 'healthy', message: own, checks: [{ ...check, state: 'healthy' }] }
}
