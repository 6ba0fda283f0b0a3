export interface BackoffOptions {
  /** Delay before the first retry. Default 200 ms. */
  baseMs?: number
  /** Default 30 s. */
  maxMs?: number
  /** Share of the delay that is random, 0–1. Default 0.25. */
  jitter?: number
}

/**
 * Exponential backoff with jitter: `base · 2^attempt`, capped, of which the `jitter` share is random so that things
 * that failed together do not retry together. (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015.)
 * Unlike full jitter (lifecycle/backoff.ts) it keeps a floor: a process started again at once would fail again.
 * `attempt` counts from 0; the result is in milliseconds.
 */
export function backoffDelay(
  attempt: number,
  { baseMs = 200, maxMs = 30_000, jitter = 0.25 }: BackoffOptions = {},
  random: () => number = Math.random,
): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30))
  return Math.round(full * (1 - jitter * random()))
}
