import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { ApiError } from '@millrace/api-client'
import type { RangeResult } from '@millrace/core'
import { readRange, type RangeSpec } from '../api/client.ts'
import { previousWindow, rangeKey, type TimeWindow } from '../time/range.ts'
import { STALE_INTERVALS } from '../time/refresh.ts'
import { useTime } from '../time/time-context.tsx'
import { completeSteps } from './complete-steps.ts'

export interface RangeData {
  /** What was asked, so that axis and data always agree. */
  window: TimeWindow
  /** One per spec, in its order. */
  results: RangeResult[]
  /** The same specs over the window before; only while comparing. */
  previous?: RangeResult[]
}

export interface RangesState {
  data: RangeData | undefined
  error: ApiError | null
  /** Nothing to show yet: only ever before the first answer. */
  loading: boolean
  /** What is shown belongs to the range before; the new one is on its way. */
  outdated: boolean
  /** Milliseconds since the epoch of the last good answer, when it is too old to be called live. */
  staleSince: number | undefined
  retry: () => void
}

export interface RangesOptions {
  /** Points per series. Default: for a usual chart of the page. */
  points?: number
  /** False while the chart is outside of the viewport: it asks for nothing. Default true. */
  enabled?: boolean
}

/**
 * One query per chart, whatever number of series it has. The key holds the range's name rather than its instants:
 * a tick replaces the answer in place, so nothing flashes and the cache does not grow.
 */
export function useRanges(specs: readonly RangeSpec[], options: RangesOptions = {}): RangesState {
  const time = useTime()
  const { window } = time
  const points = options.points ?? time.points
  const enabled = options.enabled ?? true

  const query = useQuery<RangeData, ApiError>({
    queryKey: ['range', rangeKey(time.range), points, time.compare, specs],
    enabled,
    placeholderData: keepPreviousData,
    staleTime: time.refreshMs / 2,
    retry: false,
    queryFn: async ({ signal }) => {
      const read = (at: TimeWindow): Promise<RangeResult[]> =>
        Promise.all(specs.map((spec) => readRange(spec, at, points, signal)))
      const [results, previous] = await Promise.all([
        read(window),
        time.compare ? read(previousWindow(window)) : undefined,
      ])
      return {
        window,
        results: results.map((result) => completeSteps(result, window.to)),
        ...(previous === undefined ? {} : { previous }),
      }
    },
  })

  const { refetch } = query
  const { tick } = time
  useEffect(() => {
    // An answer that is still on its way is waited for: a slow server must not be asked ever faster.
    if (enabled && tick > 0) void refetch({ cancelRefetch: false })
  }, [tick, enabled, refetch])

  const age = time.tickAt - query.dataUpdatedAt
  const stale = time.live && enabled && query.data !== undefined && age > STALE_INTERVALS * time.refreshMs
  return {
    data: query.data,
    error: query.error,
    loading: query.data === undefined && query.error === null,
    outdated: query.isPlaceholderData,
    staleSince: stale && query.dataUpdatedAt > 0 ? query.dataUpdatedAt : undefined,
    retry: () => void refetch(),
  }
}
