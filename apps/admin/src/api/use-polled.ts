import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { ApiError } from '@millrace/api-client'
import { useTime } from '../time/time-context.tsx'
import { readSignal } from './client.ts'

/** A read model that is asked for again and again; a paused page does not ask. */
export function usePolled<Data>(
  queryKey: readonly string[],
  read: (signal: AbortSignal) => Promise<Data>,
  everyMs: number,
): UseQueryResult<Data, ApiError> {
  const { paused } = useTime()
  return useQuery<Data, ApiError>({
    queryKey,
    queryFn: ({ signal }) => read(readSignal(signal)),
    refetchInterval: paused ? false : everyMs,
  })
}
