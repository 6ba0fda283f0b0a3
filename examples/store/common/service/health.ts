import type { CacheManager, SharedStatus } from '@millrace/cache'
import type { Pool } from 'pg'

/** A dependency that has not answered by then counts as down. */
const READY_TIMEOUT_MS = 5_000

export interface DependencyHealth {
  status: 'up' | 'down'
  latencyMs: number
  error?: string
}

export interface Readiness {
  ready: boolean
  dependencies: Record<string, DependencyHealth>
  /** How instances share what they cache. They do without: whatever it says, the service is ready. */
  shared?: SharedStatus
}

async function measure(check: () => Promise<unknown>): Promise<DependencyHealth> {
  const started = performance.now()
  const latency = (): number => Math.round((performance.now() - started) * 100) / 100
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${READY_TIMEOUT_MS} ms`)), READY_TIMEOUT_MS)
  })
  try {
    await Promise.race([check(), late])
    return { status: 'up', latencyMs: latency() }
  } catch (error) {
    return {
      status: 'down',
      latencyMs: latency(),
      error: error instanceof Error ? error.message : String(error),
    }
  } finally {
    clearTimeout(timer)
  }
}

/** For `/health/ready`: whether the database answers, and how fast; and how the cache is, where there is one. */
export async function checkReadiness(
  database: Pool,
  cache?: Pick<CacheManager, 'sharedStatus'>,
): Promise<Readiness> {
  const health = await measure(() => database.query('SELECT 1'))
  const shared = cache?.sharedStatus()
  const readiness = { ready: health.status === 'up', dependencies: { database: health } }
  return shared === undefined ? readiness : { ...readiness, shared }
}
