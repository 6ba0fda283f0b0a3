import type { CacheTurn } from '../caching/cache-turn.ts'
import { logAccess } from './access-log.ts'
import { recordSplit } from '../splitting/record-split.ts'
import type { Exchange } from './exchange.ts'

/** Metrics and the access log of an exchange that is over, or that has become a tunnel. */
export function recordExchange(exchange: Exchange): void {
  const { pool, writer, context } = exchange
  // 499, as NGINX has it: the visitor left before there was an answer.
  if (writer.status === 0) writer.status = 499
  const seconds = (performance.now() - exchange.startedAt) / 1_000
  pool.duration.record(seconds)
  pool.metrics.duration(exchange.method, writer.status).record(seconds)
  pool.metrics.responseBytes.add(writer.bytes)
  if (exchange.turn !== undefined) recordCaching(exchange, exchange.turn)
  if (exchange.split !== undefined) recordSplit(exchange, exchange.split, seconds)
  if (context.accessLog !== undefined) logAccess(context.accessLog, exchange, seconds)
}

function recordCaching({ pool, writer, context }: Exchange, { status, served }: CacheTurn): void {
  context.caching!.count(status)
  pool.metrics.cacheRequests(status).add()
  if (served) pool.metrics.cacheResponseBytes.add(writer.bytes)
}
