import { STATUS_CODES } from 'node:http'
import type { MillraceError } from '@millrace/core'
import { gatewayErrors } from '../errors.ts'
import { renderProblem } from '../proxy/problem-response.ts'
import type { SectionLimits } from './field-section.ts'
import type { MessageSyntaxError } from './syntax-error.ts'
import type { WireResponse } from './wire-response.ts'

/** Why a connection is ended: its bytes are no request, or the request took too long to arrive. */
export type Refusal = MessageSyntaxError | 'too-slow'

export const METHOD_NOT_ALLOWED =
  'HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'

interface Limits {
  readonly headLimits: SectionLimits
  readonly bodyBytes: number
}

function errorOf(refusal: Refusal, { headLimits, bodyBytes }: Limits): MillraceError {
  if (refusal === 'too-slow') return gatewayErrors.REQUEST_TIMEOUT({})
  switch (refusal.problem) {
    case 'head-bytes':
    case 'field-count':
      return gatewayErrors.HEADERS_TOO_LARGE({ maxBytes: headLimits.bytes, maxCount: headLimits.fields })
    case 'extension-bytes':
      return gatewayErrors.BODY_TOO_LARGE({ maxBytes: bodyBytes })
    default:
      return gatewayErrors.REQUEST_INVALID({ reason: refusal.message })
  }
}

/** What the visitor is told before the connection ends. */
export function answerRefusal(refusal: Refusal, limits: Limits): string {
  const problem = errorOf(refusal, limits)
  const { body, headers } = renderProblem(problem, undefined, '')
  let head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nconnection: close\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return `${head}\r\n${body}`
}

/** Whether an answer now would be taken for that to an earlier request, or come in the middle of one. */
export const isMisplaced = (current: WireResponse | undefined): boolean =>
  current !== undefined && (current.headersSent || current.req.complete)
