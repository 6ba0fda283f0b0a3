import { PROBLEM_CONTENT_TYPE, toProblem, type MillraceError } from '@millrace/core'
import type { EngineConfig } from '../../config.ts'
import { gatewayErrors } from '../../errors.ts'
import { page } from '../../proxy/problem-response.ts'

/** Replaced by HAProxy with the id of the request. */
const REQUEST_ID = '%[var(txn.id)]'
/** Stands for it while a document is made, and is not part of any. */
const PLACE = 'request-id-goes-here'
/** The document is the same for all: the time is in the header. */
const TOO_MANY = 'There were too many requests from you. Retry-After says when to try again.'

/** A problem that HAProxy answers by itself; `key` is what chooses its document. */
interface Problem {
  key: string
  status: number
  error: MillraceError
}

const retryAfterSeconds = (config: EngineConfig): number =>
  Math.max(1, Math.ceil(config.timeouts.queueMs / 1_000))

function problems(config: EngineConfig): Problem[] {
  const { limits } = config
  const retry = { retryAfterSeconds: retryAfterSeconds(config) }
  const reason = 'it cannot be parsed, or could be read in two ways'
  const errors: [string, MillraceError][] = [
    ['400', gatewayErrors.REQUEST_INVALID({ reason })],
    ['404', gatewayErrors.NO_ROUTE({})],
    ['405', gatewayErrors.REQUEST_INVALID({ reason: 'CONNECT is for other proxies' })],
    ['408', gatewayErrors.REQUEST_TIMEOUT({})],
    ['413', gatewayErrors.BODY_TOO_LARGE({ maxBytes: limits.bodyBytes })],
    ['429', gatewayErrors.RATE_LIMITED({ retryAfterSeconds: 1 })],
    ['431', gatewayErrors.HEADERS_TOO_LARGE({ maxBytes: limits.headerBytes, maxCount: limits.headerCount })],
    ['502', gatewayErrors.BAD_GATEWAY({})],
    ['503', gatewayErrors.UNAVAILABLE(retry)],
    ['503!', gatewayErrors.OVERLOADED(retry)],
    ['504', gatewayErrors.UPSTREAM_TIMEOUT({})],
  ]
  return errors.map(([key, error]) => ({ key, status: Number.parseInt(key, 10), error }))
}

/**
 * A map from `json503` or `html503` to the document, and from `json503/` or `html503/` to what follows the request's id in
 * it. A `!` at its end says which 503: too many requests.
 */
export function documentsMap(config: EngineConfig): string {
  let map = ''
  for (const { key, status, error } of problems(config)) {
    const problem = { ...toProblem(error), status, ...(key === '429' ? { detail: TOO_MANY } : {}) }
    const documents = {
      json: JSON.stringify({ ...problem, requestId: PLACE }),
      html: page(status, problem.title, problem.detail, PLACE).replaceAll('\n', ' ').trim(),
    }
    for (const [kind, document] of Object.entries(documents)) {
      const [before, after] = document.split(PLACE)
      map += `${kind}${key} ${before}\n${kind}${key}/ ${after}\n`
    }
  }
  return map
}

/** Which closes: where a message ends may be in doubt, or the rest of it is not wanted. */
const CLOSING = new Set([400, 405, 408, 413, 431])

/** The reply of a status as HAProxy's rules and directives take it. `map` is quoted already. */
export function replyWith(status: number, map: string, config: EngineConfig): string {
  const key = `var(txn.page,json),concat(${status},txn.more)`
  const headers = [
    'hdr cache-control no-store',
    "hdr x-request-id '%[var(txn.id)]'",
    "hdr x-millrace-page '%[var(txn.page,json)]'",
    ...(status === 503 ? [`hdr retry-after ${retryAfterSeconds(config)}`] : []),
    ...(CLOSING.has(status) ? ['hdr connection close'] : []),
  ]
  return (
    `status ${status} content-type ${PROBLEM_CONTENT_TYPE} ` +
    `lf-string '%[${key},map(${map})]${REQUEST_ID}%[var(txn.page,json),concat(${status},txn.more,/),map(${map})]' ${headers.join(' ')}`
  )
}

/** Statuses that HAProxy answers with of its own accord, or for `deny`. 431 is not among those it knows. */
export const OWN_STATUSES = [400, 404, 405, 408, 413, 502, 503, 504] as const
