import { PROBLEM_CONTENT_TYPE, toProblem, type MillraceError } from '@millrace/core'
import type { VisitorResponse } from './visitor.ts'

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

/** A page of a few hundred bytes that says what happened, for people; it loads nothing. */
export function page(status: number, title: string, detail: string, requestId: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${status} ${escape(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}small{opacity:.7}</style>
</head><body><h1>${escape(title)}</h1><p>${escape(detail)}</p><p><small>${status}${requestId === '' ? '' : ` · request ${escape(requestId)}`}</small></p></body></html>
`
}

/** The body, type and extra headers of an error: HTML for browsers, an RFC 9457 document for everybody else. */
export function renderProblem(
  error: MillraceError,
  accept: string | undefined,
  requestId: string,
): { body: string; headers: string[] } {
  const problem = toProblem(error)
  const html = accept !== undefined && accept.includes('text/html')
  const body = html
    ? page(error.status, problem.title, problem.detail, requestId)
    : `${JSON.stringify(requestId === '' ? problem : { ...problem, requestId })}\n`
  const headers = [
    'content-type',
    html ? 'text/html; charset=utf-8' : PROBLEM_CONTENT_TYPE,
    'content-length',
    String(Buffer.byteLength(body)),
    'cache-control',
    'no-store',
  ]
  const { retryAfterSeconds } = error.details
  if (typeof retryAfterSeconds === 'number') headers.push('retry-after', String(retryAfterSeconds))
  return { body, headers }
}

/** Answers with an error of the gateway's own. The response must not have begun. */
export function sendProblem(
  res: VisitorResponse,
  error: MillraceError,
  request: {
    accept: string | undefined
    method: string
    requestId: string
    /** Name, value, … */
    headers?: readonly string[]
  },
): void {
  const { body, headers } = renderProblem(error, request.accept, request.requestId)
  if (request.requestId !== '') headers.push('x-request-id', request.requestId)
  if (request.headers !== undefined) headers.push(...request.headers)
  res.writeHead(error.status, headers)
  res.end(request.method === 'HEAD' ? undefined : body)
}
