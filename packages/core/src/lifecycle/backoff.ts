export interface BackoffOptions {
  /** Ceiling of the first delay. Default 1,000. */
  baseMs?: number
  /** Ceiling of all delays. Default 60,000. */
  maxMs?: number
  /** Uniform in [0, 1). Default `Math.random`. */
  random?: () => number
}

export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number
  /** After a success: the next delay is a first one again. */
  reset(): void
}

/**
 * Exponential backoff with full jitter: uniform in [0, min(maxMs, baseMs · 2^attempt)]. Of the variants compared in
 * "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015) it finishes with the fewest calls when many clients
 * retry at once.
 */
export function backoff(options: BackoffOptions = {}): Backoff {
  const { baseMs = 1_000, maxMs = 60_000, random = Math.random } = options
  let attempt = 0
  return {
    // Beyond 2^40 the ceiling is reached whatever the base is; far beyond, 0 · Infinity would be no number.
    next: () => Math.round(random() * Math.min(maxMs, baseMs * 2 ** Math.min(40, attempt++))),
    reset: () => void (attempt = 0),
  }
}
