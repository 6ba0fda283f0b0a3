import type { Exchange } from './exchange.ts'
import type { FailureReason } from './upstream-error.ts'

/** Attempts per request, the first included. */
const MAX_ATTEMPTS = 3
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'])

export const isIdempotent = (method: string): boolean => IDEMPOTENT.has(method)

/**
 * RFC 9110, 9.2.2: again only if the backend cannot have seen the request, or if doing it twice is the same as once
 * and its body can be sent again as a whole. Takes one from the pool's budget of retries.
 */
export const mayRetry = (
  { attempts, method, upgrade, pool, split }: Exchange,
  reason: FailureReason,
  { sent, bodyGone }: { sent: boolean; bodyGone: boolean },
): boolean =>
  (reason === 'connect' || reason === 'reset') &&
  attempts < MAX_ATTEMPTS &&
  !bodyGone &&
  (!sent || (IDEMPOTENT.has(method) && !upgrade)) &&
  // The stable part gets no more than it would without a canary: that multiplies nothing.
  (split?.guarding === true || pool.budget.withdraw(performance.now()))
