import { formatDuration, MAX_SPAN_MS, MIN_SPAN_MS, parseDuration } from './duration.ts'

/**
 * What the picker chose. Relative ranges stay relative in the URL (`?range=15m`), so that a shared link shows the
 * present; a zoom pins both ends (`?from=…&to=…`, milliseconds since the epoch).
 */
export type TimeRange = { kind: 'relative'; spanMs: number } | { kind: 'absolute'; from: number; to: number }

/** A resolved range: `from` inclusive, `to` exclusive, milliseconds since the epoch. */
export interface TimeWindow {
  from: number
  to: number
}

export const DEFAULT_SPAN_MS = 15 * 60_000

/** Offered by the picker; the URL accepts any duration. */
export const RELATIVE_RANGES = ['5m', '15m', '1h', '6h', '24h', '7d', '30d'] as const

/** The keys of the URL that every page shares; links inside the panel carry them along. */
export const TIME_KEYS = ['range', 'from', 'to', 'compare', 'live'] as const

function parseTimestamp(text: string | null): number | undefined {
  return text !== null && /^\d{1,16}$/.test(text) ? Number(text) : undefined
}

/** Reads the range of a URL; anything unreadable or out of bounds is the default, never an error. */
export function parseTimeRange(params: URLSearchParams): TimeRange {
  const from = parseTimestamp(params.get('from'))
  const to = parseTimestamp(params.get('to'))
  if (from !== undefined && to !== undefined) {
    const span = to - from
    if (span >= MIN_SPAN_MS && span <= MAX_SPAN_MS) return { kind: 'absolute', from, to }
  }
  return { kind: 'relative', spanMs: parseDuration(params.get('range') ?? '') ?? DEFAULT_SPAN_MS }
}

/** Returns a copy of the parameters with the range replaced and everything else kept. */
export function withTimeRange(params: URLSearchParams, range: TimeRange): URLSearchParams {
  const next = new URLSearchParams(params)
  for (const key of ['range', 'from', 'to']) next.delete(key)
  if (range.kind === 'relative') next.set('range', formatDuration(range.spanMs))
  else {
    next.set('from', String(Math.round(range.from)))
    next.set('to', String(Math.round(range.to)))
  }
  return next
}

export const spanOf = (range: TimeRange): number =>
  range.kind === 'relative' ? range.spanMs : range.to - range.from

export function resolveWindow(range: TimeRange, now: number): TimeWindow {
  return range.kind === 'relative'
    ? { from: now - range.spanMs, to: now }
    : { from: range.from, to: range.to }
}

/** The window of the same length that ends where this one starts: what "compare" shows. */
export const previousWindow = ({ from, to }: TimeWindow): TimeWindow => ({
  from: from - (to - from),
  to: from,
})

/** Twice as wide around the same middle, never past `now`, never past the longest span. */
export function zoomOut(range: TimeRange, now: number): TimeRange {
  const { from, to } = resolveWindow(range, now)
  const span = Math.min((to - from) * 2, MAX_SPAN_MS)
  if (range.kind === 'relative') return { kind: 'relative', spanMs: span }
  const end = Math.min(now, (from + to) / 2 + span / 2)
  return { kind: 'absolute', from: Math.round(end - span), to: Math.round(end) }
}

/** A dragged selection, widened around its middle when it is shorter than the shortest span. */
export function zoomTo(from: number, to: number): TimeRange {
  const middle = (from + to) / 2
  const half = Math.max(to - from, MIN_SPAN_MS) / 2
  return { kind: 'absolute', from: Math.floor(middle - half), to: Math.ceil(middle + half) }
}

/** A stable name of the range for query keys: a relative one does not change with every tick. */
export const rangeKey = (range: TimeRange): string =>
  range.kind === 'relative' ? `last ${range.spanMs}` : `${range.from}–${range.to}`
