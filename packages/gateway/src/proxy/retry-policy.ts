import type { Exchange } from './exchange.ts'
import type { FailureReason } from './upstream-error.ts'

/** Attempts per request, the first included. */
const MAX_ATTEMPTS = 3
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'])

export const isIdempotent = (method: string): boolean => IDEMPOTENT.has(method)

/**
 * RFC 9110, 9.2.2: again only if the backend cannot have seen the request, or if doing it twice is the same as once
 * and no part of its body is gone. Takes one from the pool's budget of retries.
 */
export const mayRetry = (
  { attempts, method, upgrade, pool, split }: Exchange,
  reason: FailureReason,
  { sent, bodyStarted }: { sent: boolean; bodyStarted: boolean },
): boolean =>
  (reason === 'connect' || reason === 'reset') &&
  attempts < MAX_ATTEMPTS &&
  !bodyStarted &&
  (!sent || (IDEMPOTENT.has(method) && !upgrade)) &&
  // The stable part gets no more than it would without a canary: that multiplies nothing.
  (split?.guarding === true || pool.budget.withdraw(performance.now()))
