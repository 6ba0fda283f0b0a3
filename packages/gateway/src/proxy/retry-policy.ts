import type { Exchange } from './exchange.ts'
import type { FailureReason } from './upstream-error.ts'

/** Attempts per request, the first included. */
const MAX_ATTEMPTS = 3
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'])

export const isIdempotent = (method: string): boolean => IDEMPOTENT.has(method)

/**
 * RFC 9110, 9.2.2: again only if the backend cannot have seen the request, or if doing it twice is the same as once
 * and its body can be sent again as a whole.
 */
export const isRepeatable = (
  { method, upgrade }: Exchange,
  reason: FailureReason,
  { sent, bodyGone }: { sent: boolean; bodyGone: boolean },
): boolean =>
  (reason === 'connect' || reason === 'reset') && !bodyGone && (!sent || (IDEMPOTENT.has(method) && !upgrade))

/** Whether it is tried once more in its pool. Takes one from the pool's budget of retries. */
export const mayRetry = (
  exchange: Exchange,
  reason: FailureReason,
  how: { sent: boolean; bodyGone: boolean },
): boolean =>
  isRepeatable(exchange, reason, how) &&
  exchange.attempts < MAX_ATTEMPTS &&
  // The stable part gets no more than it would without a canary: that multiplies nothing.
  (exchange.split?.guarding === true || exchange.pool.budget.withdraw(performance.now()))
