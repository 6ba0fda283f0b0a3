import type { Namespace } from '../namespace.ts'
import { resolveKeep, type Keep } from '../keep.ts'
import { checkTtl, type SetOptions } from '../options.ts'

/** What a `getOrSet` asks for. */
export interface LoadJob<Value = unknown> {
  space: Namespace
  id: string
  load: (signal: AbortSignal) => Promise<Value>
  options: SetOptions
  keep: Keep
  tags: readonly string[]
}

/** @throws CACHE_TTL_INVALID, CACHE_OPTION_INVALID */
export function loadJob<Value>(
  space: Namespace,
  id: string,
  load: (signal: AbortSignal) => Promise<Value>,
  options: SetOptions,
  tags: readonly string[],
): LoadJob<Value> {
  if (options.ttlMs !== undefined) checkTtl('ttlMs', options.ttlMs)
  return { space, id, load, options, keep: resolveKeep(options, space.keep), tags }
}

/** How long a loaded value stays fresh; 0: it is not stored. */
export function timeToLive(job: LoadJob, value: unknown): number {
  const { negativeTtlMs } = job.keep
  if (negativeTtlMs !== undefined && (value === undefined || value === null)) return negativeTtlMs
  return job.options.ttlMs ?? job.space.ttlMs
}
