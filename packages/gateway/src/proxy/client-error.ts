import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { MillraceError } from '@millrace/core'
import type { EngineConfig } from '../config.ts'
import { gatewayErrors } from '../errors.ts'
import { unfinishedResponse } from './connections.ts'
import { renderProblem } from './problem-response.ts'

function toAnswer(error: Error & { code?: string }, limits: EngineConfig['limits']): MillraceError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return gatewayErrors.HEADERS_TOO_LARGE({ maxBytes: limits.headerBytes, maxCount: limits.headerCount })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return gatewayErrors.REQUEST_TIMEOUT({})
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return gatewayErrors.BODY_TOO_LARGE({ maxBytes: limits.bodyBytes })
    default:
      return gatewayErrors.REQUEST_INVALID({
        reason: error.code?.startsWith('HPE_')
          ? error.message.replace('Parse Error: ', '')
          : 'it cannot be parsed',
      })
  }
}

/**
 * Answers what Node's parser refuses, and closes: after a syntax error nothing on the connection can be trusted. While
 * an earlier request is still unanswered, it only closes: what it says would be taken for the answer to that one.
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  limits: EngineConfig['limits'],
): void {
  const unfinished = unfinishedResponse(socket)
  const misplaced = unfinished !== undefined && (unfinished.headersSent || unfinished.req.complete)
  if (!socket.writable || misplaced || error.code === 'ECONNRESET' || error.code === 'EPIPE') {
    socket.destroy()
    return
  }
  const problem = toAnswer(error, limits)
  const { body, headers } = renderProblem(problem, undefined, '')
  let head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nconnection: close\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  socket.end(`${head}\r\n${body}`)
  socket.destroySoon()
}
