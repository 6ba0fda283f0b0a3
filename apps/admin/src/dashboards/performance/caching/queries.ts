import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { unwrap, type ApiError } from '@millrace/api-client'
import { client, readSignal } from '../../../api/client.ts'
import { useTime } from '../../../time/time-context.tsx'

/** Levels and estimates move slowly; a paused page does not ask. */
const POLL_MS = 5_000

const get = {
  tiers: (signal: AbortSignal) => unwrap(client.GET('/api/cache/tiers', { signal: readSignal(signal) })),
  curve: (signal: AbortSignal) => unwrap(client.GET('/api/cache/curve', { signal: readSignal(signal) })),
  hotKeys: (signal: AbortSignal) =>
    unwrap(client.GET('/api/cache/hot-keys', { params: { query: {} }, signal: readSignal(signal) })),
}

export type CacheTiers = Awaited<ReturnType<typeof get.tiers>>
export type CacheCurve = Awaited<ReturnType<typeof get.curve>>['caches'][number]
export type HotKey = Awaited<ReturnType<typeof get.hotKeys>>['rows'][number]

function usePolled<Data>(
  name: string,
  queryFn: (signal: AbortSignal) => Promise<Data>,
): UseQueryResult<Data, ApiError> {
  const { paused } = useTime()
  return useQuery<Data, ApiError>({
    queryKey: ['cache', name],
    queryFn: ({ signal }) => queryFn(signal),
    refetchInterval: paused ? false : POLL_MS,
  })
}

export const useCacheTiers = (): UseQueryResult<CacheTiers, ApiError> => usePolled('tiers', get.tiers)
export const useCurves = (): UseQueryResult<{ caches: CacheCurve[] }, ApiError> =>
  usePolled('curve', get.curve)
export const useHotKeys = (): UseQueryResult<{ rows: HotKey[] }, ApiError> =>
  usePolled('hot-keys', get.hotKeys)
