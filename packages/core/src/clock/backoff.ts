export interface BackoffOptions {
  /** Ceiling of the first delay. Default 1,000. */
  baseMs?: number
  /** Ceiling of all delays. Default 60,000. */
  maxMs?: number
  /**
   * Share of the delay that is random, 0–1. Default 1, full jitter: the fewest calls when many clients retry at once.
   * Less keeps a floor, for what would only fail again at once, such as a process.
   */
  jitter?: number
  /** Uniform in [0, 1). Default `Math.random`. */
  random?: () => number
}

export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number
  /** After a success: the next delay is a first one again. */
  reset(): void
}

/** What 2 to its power reaches every limit; far beyond, 0 · Infinity would be no number. */
const LAST_DOUBLING = 40

/**
 * Milliseconds to wait after that many failures in a row (0: the first): `base · 2^attempt`, capped, of which the `jitter` share is random, so
 * that what failed together does not retry together. See "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
 */
export function backoffDelay(attempt: number, options: BackoffOptions = {}): number {
  const { baseMs = 1_000, maxMs = 60_000, jitter = 1, random = Math.random } = options
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(LAST_DOUBLING, attempt))
  return Math.round(ceiling * (1 - jitter + jitter * random()))
}

/** Counts the attempts for `backoffDelay`. */
export function backoff(options: BackoffOptions = {}): Backoff {
  let attempt = 0
  return {
    next: () => backoffDelay(attempt++, options),
    reset: () => void (attempt = 0),
  }
}
