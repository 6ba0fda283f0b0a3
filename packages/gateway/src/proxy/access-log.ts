import type { Logger } from '@millrace/core'
import type { Exchange } from './exchange.ts'

/** One line per request; paths are logged without their query, which may hold secrets. */
export function logAccess(log: Logger, exchange: Exchange, seconds: number): void {
  const { req, writer, headers, pool } = exchange
  const query = exchange.path.indexOf('?')
  log.info({
    method: exchange.method,
    protocol: `HTTP/${req.httpVersionMajor}.${req.httpVersionMinor}`,
    host: headers.host,
    path: query < 0 ? exchange.path : exchange.path.slice(0, query),
    status: writer.status,
    bytes: writer.bytes,
    durationMs: Math.round(seconds * 1e6) / 1e3,
    pool: pool.name,
    backend: exchange.servedBy?.id,
    attempts: exchange.attempts,
    ...(exchange.split === undefined ? undefined : { split: exchange.split.part.label }),
    ...(exchange.turn === undefined ? undefined : { cache: exchange.turn.status }),
    remote: req.socket.remoteAddress,
    traceId: headers.traceId,
    requestId: headers.requestId,
    userAgent: req.headers['user-agent'],
  })
}
