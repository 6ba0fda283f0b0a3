import type { Socket } from 'node:net'
import { PROBLEM_CONTENT_TYPE, toProblem, type MillraceError } from '@millrace/core'
import { serverErrors } from '../errors.ts'

/** Codes of Node's HTTP parser and server that have a status of their own; every other one is a 400. */
const KNOWN: Readonly<Record<string, () => MillraceError>> = {
  HPE_HEADER_OVERFLOW: () => serverErrors.HEADERS_TOO_LARGE({}),
  ERR_HTTP_REQUEST_TIMEOUT: () => serverErrors.REQUEST_TIMEOUT({}),
}

/** Answers what is not HTTP, before there is a request: a problem document, then the end of the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const known =
    KNOWN[error.code ?? '']?.() ?? serverErrors.REQUEST_REFUSED({ reason: 'it is not well-formed HTTP' })
  const body = JSON.stringify(toProblem(known))
  const head = [
    `HTTP/1.1 ${known.status} ${known.title}`,
    `content-type: ${PROBLEM_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}
