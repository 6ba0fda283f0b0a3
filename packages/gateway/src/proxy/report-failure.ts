import type { Backend } from '../pools/backend.ts'
import type { Exchange } from './exchange.ts'
import type { FailureReason } from './upstream-error.ts'

/** Tells the pool, the metrics and, now and then, the log that a backend failed a request it was given at `since`. */
export function reportFailure(
  { pool, context }: Exchange,
  backend: Backend,
  reason: FailureReason,
  error: Error,
  since: number,
): void {
  // What the gateway itself has too little of is no sign of the backend.
  if (reason !== 'exhausted') pool.failed(backend, reason, since)
  pool.metrics.upstreamError(reason)
  const failures = backend.failed(performance.now())
  if (failures > 0)
    context.logger.warn({ backend: backend.id, reason, failures, err: error }, 'a backend fails requests')
}
