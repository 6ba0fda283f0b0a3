import { systemClock } from '@millrace/core'

export interface WaitOptions {
  /** Default 15,000: a busy machine is no failure. */
  deadlineMs?: number
  /** Between two looks. Default 20. */
  intervalMs?: number
  /** What is waited for, for the error. */
  what?: string
}

/**
 * Looks until the condition returns something truthy, and returns that. A condition that throws is not met yet. Rejects
 * at the deadline with the last error as cause.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  options: WaitOptions = {},
): Promise<Exclude<Value, undefined | null | false | 0 | ''>> {
  const deadlineMs = options.deadlineMs ?? 15_000
  const start = systemClock.monotonic()
  let cause: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value as Exclude<Value, undefined | null | false | 0 | ''>
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (systemClock.monotonic() - start >= deadlineMs) break
    // Not the clock's sleep: that one does not keep a process alive, and here somebody is waiting.
    await new Promise((resolve) => setTimeout(resolve, options.intervalMs ?? 20))
  }
  const reason = cause instanceof Error ? `: ${cause.message}` : ''
  throw new Error(`${options.what ?? 'The condition'} was not met within ${deadlineMs} ms${reason}`, {
    cause,
  })
}
