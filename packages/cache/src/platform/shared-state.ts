import type { SharedKeyspaces } from './keyspaces.ts'
import type { SharedState } from './tiers.ts'

const NOTHING = { kind: null, latencyMs: null, usedBytes: null, maxBytes: null, servers: null } as const

/** Asks the shared tier how it is. Never rejects: that it is away is an answer. */
export async function sharedState(
  shared: SharedKeyspaces | undefined,
  enabled: boolean,
): Promise<SharedState> {
  if (shared === undefined) {
    const message = enabled
      ? 'No Redis is configured: name one with redis.host or REDIS_HOST, and caches share what they hold.'
      : 'Switched off with cache.shared.enabled.'
    return { ...NOTHING, state: 'off', message }
  }
  try {
    const { latencyMs, usedBytes, maxBytes, servers } = await shared.ping()
    const message = `Answers in ${latencyMs.toFixed(1)} ms.`
    return { state: 'up', message, kind: shared.kind, latencyMs, usedBytes, maxBytes, servers }
  } catch (error) {
    return { ...NOTHING, kind: shared.kind, state: 'down', message: (error as Error).message }
  }
}
