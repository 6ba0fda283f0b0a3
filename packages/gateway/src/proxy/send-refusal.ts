import type { MillraceError } from '@millrace/core'
import { hstsOf } from '../tls/hsts.ts'
import type { Exchange } from './exchange.ts'
import { linger } from './linger.ts'
import { sendProblem } from './problem-response.ts'

/** Answers an exchange, of which nothing was answered yet, with an error of the gateway's own. */
export function sendRefusal(
  { context, req, res, writer, method, headers }: Exchange,
  error: MillraceError,
): void {
  writer.status = error.status
  if (context.draining) res.shouldKeepAlive = false
  linger(req)
  sendProblem(res, error, {
    accept: req.headers.accept,
    method,
    requestId: headers.requestId,
    headers: hstsOf(context, req),
  })
}
