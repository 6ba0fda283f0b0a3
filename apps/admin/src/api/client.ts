import { ApiError, createClient, unwrap, type CapabilityAction } from '@millrace/api-client'
import type { Labels, RangeResult } from '@millrace/core'
import type { TimeWindow } from '../time/range.ts'
import { noteServerTime } from './server-time.ts'

/** Actions may take minutes (a rolling restart waits for every instance); reads have their own, short limit. */
const ACTION_TIMEOUT_MS = 10 * 60_000
const READ_TIMEOUT_MS = 20_000

/** The only place that talks to the control plane. Same origin: the session cookie goes along by itself. */
export const client = createClient({
  baseUrl: '',
  timeoutMs: ACTION_TIMEOUT_MS,
  fetch: async (request) => {
    const response = await globalThis.fetch(request)
    noteServerTime(response.headers.get('date'), Date.now())
    return response
  },
})

/** Ends a read when its screen is gone, and in any case after 20 s. */
export const readSignal = (signal?: AbortSignal): AbortSignal => {
  const limit = AbortSignal.timeout(READ_TIMEOUT_MS)
  return signal === undefined ? limit : AbortSignal.any([signal, limit])
}

export interface RangeSpec {
  metric: string
  aggregate: RangeResult['aggregate']
  /** Exact matches; a leading `!` excludes, a leading `~` is a regular expression. */
  where?: Readonly<Record<string, string>>
  by?: readonly string[]
}

// Label filters travel as `where.<label>`, which a typed client cannot know.
function queryOf(spec: RangeSpec, window: TimeWindow) {
  const filters = Object.entries(spec.where ?? {}).map(([label, value]) => [`where.${label}`, value])
  return {
    metric: spec.metric,
    aggregate: spec.aggregate,
    from: Math.round(window.from),
    to: Math.round(window.to),
    ...(spec.by === undefined ? {} : { by: spec.by.join(',') }),
    ...Object.fromEntries(filters),
  }
}

/** `GET /api/monitoring/range`: at most `width` points per series. */
export function readRange(
  spec: RangeSpec,
  window: TimeWindow,
  width: number,
  signal: AbortSignal,
): Promise<RangeResult> {
  const query = { ...queryOf(spec, window), width }
  return unwrap(client.GET('/api/monitoring/range', { params: { query }, signal: readSignal(signal) }))
}

export interface Total {
  labels: Labels
  value: number
}

/**
 * `GET /api/monitoring/total`: each series as one number over the whole window. The server merges histograms for it: a
 * mean of many p95 is not a p95.
 */
export async function readTotals(spec: RangeSpec, window: TimeWindow, signal: AbortSignal): Promise<Total[]> {
  const query = queryOf(spec, window)
  const answer = await unwrap(
    client.GET('/api/monitoring/total', { params: { query }, signal: readSignal(signal) }),
  )
  return answer.values
}

export interface ActionResult {
  result: unknown
  durationMs: number
  auditId?: string
}

/** `runId` names the run in the `action.progress` events of the stream. */
export function runAction(
  capability: string,
  action: CapabilityAction['name'],
  input: Record<string, unknown>,
  runId: string,
): Promise<ActionResult> {
  return unwrap(
    client.POST('/api/{capability}/actions/{action}', {
      params: { path: { capability, action } },
      body: input,
      headers: { 'x-run-id': runId },
    }),
  )
}

/** What a failed call threw, as an ApiError; a bug of the panel itself keeps its message. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError({
    type: 'about:blank',
    title: 'The panel failed',
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
    code: 'PANEL_FAILED',
  })
}

export const isUnreachable = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === 'UNREACHABLE' || error.status === 502 || error.status === 504)
