import type { Logger } from '../logger/logger.ts'
import type { JobHandler } from './queue.ts'
import { reasonNotStorable } from './storable.ts'

/** What setTimeout can hold: 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1

export interface Run {
  name: string
  id: string
  data: object
  signal: AbortSignal
  /** The first is 1. */
  attempt: { number: number; of: number }
}

/** Runs one attempt of a job. Returns what can be stored of its result; says in the log what became of it. */
export async function runHandler(run: Run, handler: JobHandler<never>, logger: Logger): Promise<unknown> {
  const { name: job, id, attempt } = run
  try {
    const result = await handler(run.data as never, { id, signal: run.signal })
    // Done is done: an answer that cannot be kept must not have the job run again.
    const reason = reasonNotStorable(result)
    if (reason === undefined) return result ?? null
    logger.warn({ job, id, reason }, 'the result of a job cannot be stored')
    return null
  } catch (error) {
    const facts = { err: error, job, id, attempt: attempt.number }
    if (attempt.number >= attempt.of) logger.error(facts, 'a job failed for the last time')
    else logger.warn(facts, 'a job failed and will be tried again')
    throw error
  }
}

/** The same, failed when it takes too long: the signal aborts, and a handler that does not heed it is not waited for. */
export async function runWithTimeout(
  run: Run,
  handler: JobHandler<never>,
  options: { abort: AbortController; timeoutMs: number; logger: Logger },
): Promise<unknown> {
  const { abort, timeoutMs } = options
  const limited: JobHandler<never> = async (data, context) => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => {
        const error = new Error(`the job took longer than ${timeoutMs} ms`)
        abort.abort(error)
        late.reject(error)
      },
      Math.min(timeoutMs, MAX_TIMER_MS),
    )
    try {
      return await Promise.race([handler(data, context), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
  return runHandler(run, limited, options.logger)
}
