import { ApiError, createClient, unwrap, type CapabilityAction } from '@millrace/api-client'
import type { RangeResult } from '@millrace/core'
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

export interface RangeRequest extends RangeSpec {
  from: number
  to: number
  width: number
}

/** `GET /api/monitoring/range`. Label filters travel as `where.<label>`, which a typed client cannot know. */
export function readRange(request: RangeRequest, signal: AbortSignal): Promise<RangeResult> {
  const filters = Object.entries(request.where ?? {}).map(([label, value]) => [`where.${label}`, value])
  const query = {
    metric: request.metric,
    aggregate: request.aggregate,
    from: Math.round(request.from),
    to: Math.round(request.to),
    width: request.width,
    ...(request.by === undefined ? {} : { by: request.by.join(',') }),
    ...Object.fromEntries(filters),
  }
  return unwrap(client.GET('/api/monitoring/range', { params: { query }, signal: readSignal(signal) }))
}

/** A capability's own read model, `GET /api/<capability><path>`, whose types only that capability knows. */
export function readPath(path: string, signal: AbortSignal): Promise<unknown> {
  return unwrap(client.GET(path as '/api/runtime', { signal: readSignal(signal) }))
}

export interface ActionResult {
  result: unknown
  durationMs: number
  auditId?: string
}

export function runAction(
  capability: string,
  action: CapabilityAction['name'],
  input: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<ActionResult> {
  return unwrap(
    client.POST('/api/{capability}/actions/{action}', {
      params: { path: { capability, action } },
      body: input,
      ...(signal === undefined ? {} : { signal }),
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
