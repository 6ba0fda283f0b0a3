import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { ApiError } from '@millrace/api-client'
import { readTotals, type RangeSpec, type Total } from '../api/client.ts'
import { previousWindow, rangeKey, type TimeWindow } from '../time/range.ts'
import { useTime } from '../time/time-context.tsx'

export interface Totals {
  /** One list per spec: each series as one number over the whole range. */
  present: Total[][]
  previous: Total[][]
}

/** Numbers over a whole range move slowly: they need not be asked for as often as the end of a line. */
const EVERY_MS = 5_000

/** Reads again when the window moves, and the window before it unless `previous` is false. */
export function useTotals(
  specs: readonly RangeSpec[],
  options: { enabled?: boolean; previous?: boolean } = {},
): { data: Totals | undefined; error: ApiError | null; outdated: boolean; retry: () => void } {
  const time = useTime()
  const { window } = time
  const { enabled = true, previous: withPrevious = true } = options
  const { data, error, dataUpdatedAt, isPlaceholderData, refetch } = useQuery<Totals, ApiError>({
    queryKey: ['totals', rangeKey(time.range), withPrevious, specs],
    enabled,
    placeholderData: keepPreviousData,
    staleTime: EVERY_MS / 2,
    retry: false,
    queryFn: async ({ signal }) => {
      const read = (at: TimeWindow): Promise<Total[][]> =>
        Promise.all(specs.map((spec) => readTotals(spec, at, signal)))
      const [present, previous] = await Promise.all([
        read(window),
        withPrevious ? read(previousWindow(window)) : specs.map(() => []),
      ])
      return { present, previous }
    },
  })
  const { tick } = time
  useEffect(() => {
    if (enabled && tick > 0 && Date.now() - dataUpdatedAt >= EVERY_MS) void refetch({ cancelRefetch: false })
  }, [tick, enabled, dataUpdatedAt, refetch])
  return { data, error, outdated: isPlaceholderData, retry: () => void refetch() }
}
