import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { ApiError } from '@millrace/api-client'
import { readTotals, type RangeSpec, type Total } from '../api/client.ts'
import { previousWindow, rangeKey, type TimeWindow } from '../time/range.ts'
import { useTime } from '../time/time-context.tsx'

/** Numbers over a whole range move slowly: they need not be asked for as often as the end of a line. */
const PRESENT_EVERY_MS = 5_000
/** Those of the period before hardly move at all. */
const PREVIOUS_EVERY_MS = 30_000

/** One list per spec: each series as one number over the window. */
type Lists = Total[][]

interface WindowTotals {
  which: 'present' | 'previous'
  specs: readonly RangeSpec[]
  enabled: boolean
}

function useWindowTotals({ which, specs, enabled }: WindowTotals): UseQueryResult<Lists, ApiError> {
  const time = useTime()
  const window: TimeWindow = which === 'present' ? time.window : previousWindow(time.window)
  const everyMs = which === 'present' ? PRESENT_EVERY_MS : PREVIOUS_EVERY_MS
  const query = useQuery<Lists, ApiError>({
    queryKey: ['totals', which, rangeKey(time.range), specs],
    enabled,
    placeholderData: keepPreviousData,
    staleTime: everyMs / 2,
    retry: false,
    queryFn: ({ signal }) => Promise.all(specs.map((spec) => readTotals(spec, window, signal))),
  })
  const { dataUpdatedAt, refetch } = query
  const { tick } = time
  useEffect(() => {
    if (enabled && tick > 0 && Date.now() - dataUpdatedAt >= everyMs) void refetch({ cancelRefetch: false })
  }, [tick, enabled, dataUpdatedAt, everyMs, refetch])
  return query
}

export interface Totals {
  present: Lists | undefined
  /** Over the period before; stays undefined unless it was asked for. */
  previous: Lists | undefined
  error: ApiError | null
  retry: () => void
}

/** Each series as one number over the whole range, read again while the range moves. */
export function useTotals(specs: readonly RangeSpec[], options: { previous?: boolean } = {}): Totals {
  const present = useWindowTotals({ which: 'present', specs, enabled: true })
  const previous = useWindowTotals({ which: 'previous', specs, enabled: options.previous ?? false })
  const { refetch } = present
  return { present: present.data, previous: previous.data, error: present.error, retry: () => void refetch() }
}
