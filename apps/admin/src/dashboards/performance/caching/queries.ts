import type { UseQueryResult } from '@tanstack/react-query'
import { unwrap, type ApiError } from '@millrace/api-client'
import { client } from '../../../api/client.ts'
import { usePolled } from '../../../api/use-polled.ts'

/** Levels and estimates move slowly; a paused page does not ask. */
const POLL_MS = 5_000

const get = {
  tiers: (signal: AbortSignal) => unwrap(client.GET('/api/cache/tiers', { signal })),
  curve: (signal: AbortSignal) => unwrap(client.GET('/api/cache/curve', { signal })),
  hotKeys: (signal: AbortSignal) =>
    unwrap(client.GET('/api/cache/hot-keys', { params: { query: {} }, signal })),
}

export type CacheTiers = Awaited<ReturnType<typeof get.tiers>>
export type CacheCurve = Awaited<ReturnType<typeof get.curve>>['caches'][number]
export type HotKey = Awaited<ReturnType<typeof get.hotKeys>>['rows'][number]

export const useCacheTiers = (): UseQueryResult<CacheTiers, ApiError> =>
  usePolled(['cache', 'tiers'], get.tiers, POLL_MS)
export const useCurves = (): UseQueryResult<{ caches: CacheCurve[] }, ApiError> =>
  usePolled(['cache', 'curve'], get.curve, POLL_MS)
export const useHotKeys = (): UseQueryResult<{ rows: HotKey[] }, ApiError> =>
  usePolled(['cache', 'hot-keys'], get.hotKeys, POLL_MS)
