import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import { useSearchParams } from 'react-router'
import { serverNow } from '../api/server-time.ts'
import { parseTimeRange, resolveWindow, spanOf, withTimeRange, zoomOut, zoomTo } from './range.ts'
import type { TimeRange, TimeWindow } from './range.ts'
import { pointsForWidth, refreshIntervalMs } from './refresh.ts'

export interface TimeState {
  range: TimeRange
  window: TimeWindow
  /** True while the window moves: relative, not paused, page visible. */
  live: boolean
  /** Paused by hand; a hidden page and an absolute range stand still without being paused. */
  paused: boolean
  compare: boolean
  refreshMs: number
  /** Grows with each step of the live window: what depends on it reads again. */
  tick: number
  /** This computer's clock at the last step, to compare with when an answer came. */
  tickAt: number
  /** Points per series for a chart of the page's usual width. */
  points: number
  setRange: (range: TimeRange) => void
  zoomTo: (from: number, to: number) => void
  zoomOut: () => void
  togglePaused: () => void
  toggleCompare: () => void
}

const TimeContext = createContext<TimeState | undefined>(undefined)

export function useTime(): TimeState {
  const state = use(TimeContext)
  if (state === undefined) throw new Error('useTime outside of TimeProvider')
  return state
}

function usePageVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden)
  useEffect(() => {
    const update = (): void => setVisible(!document.hidden)
    document.addEventListener('visibilitychange', update)
    return () => document.removeEventListener('visibilitychange', update)
  }, [])
  return visible
}

/** The width of a usual chart: half of a wide page, all of a narrow one. In coarse steps, see `pointsForWidth`. */
const pointsOfPage = (): number =>
  pointsForWidth(window.innerWidth >= 1_100 ? window.innerWidth / 2 : window.innerWidth)

function usePoints(): number {
  const [points, setPoints] = useState(pointsOfPage)
  useEffect(() => {
    const update = (): void => setPoints(pointsOfPage())
    window.addEventListener('resize', update)
    return () => window.removeEventListener('resize', update)
  }, [])
  return points
}

/** Moves `now` while live, at once when it becomes live again. */
function useNow(live: boolean, intervalMs: number): { now: number; tick: number; tickAt: number } {
  const [state, setState] = useState(() => ({ now: serverNow(), tick: 0, tickAt: Date.now() }))
  useEffect(() => {
    if (!live) return undefined
    const move = (): void =>
      setState(({ tick }) => ({ now: serverNow(), tick: tick + 1, tickAt: Date.now() }))
    move()
    const timer = setInterval(move, intervalMs)
    return () => clearInterval(timer)
  }, [live, intervalMs])
  return state
}

/** The one time range of the panel, kept in the URL, and the one clock that moves every chart together. */
export function TimeProvider({ children }: { children: ReactNode }): ReactNode {
  const [params, setParams] = useSearchParams()
  const key = ['range', 'from', 'to'].map((name) => params.get(name)).join('|')
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const range = useMemo(() => parseTimeRange(params), [key])
  const paused = params.get('live') === 'off'
  const compare = params.get('compare') === 'previous'
  const visible = usePageVisible()
  const points = usePoints()
  const refreshMs = refreshIntervalMs(spanOf(range), points * 2)
  const live = range.kind === 'relative' && !paused && visible
  const { now, tick, tickAt } = useNow(live, refreshMs)
  const window = useMemo(() => resolveWindow(range, now), [range, now])

  const setRange = useCallback(
    (next: TimeRange) => setParams((current) => withTimeRange(current, next)),
    [setParams],
  )
  const toggle = useCallback(
    (name: string, value: string) =>
      setParams(
        (current) => {
          const next = new URLSearchParams(current)
          if (next.get(name) === value) next.delete(name)
          else next.set(name, value)
          return next
        },
        { replace: true },
      ),
    [setParams],
  )

  const state = useMemo<TimeState>(
    () => ({
      range,
      window,
      live,
      paused,
      compare,
      refreshMs,
      tick,
      tickAt,
      points,
      setRange,
      zoomTo: (from, to) => setRange(zoomTo(from, to)),
      zoomOut: () => setRange(zoomOut(range, serverNow())),
      togglePaused: () => toggle('live', 'off'),
      toggleCompare: () => toggle('compare', 'previous'),
    }),
    [range, window, live, paused, compare, refreshMs, tick, tickAt, points, setRange, toggle],
  )
  return <TimeContext value={state}>{children}</TimeContext>
}
