import { systemClock } from '../clock/clock.ts'
import type { MillraceError } from '../errors/error.ts'
import { coreErrors } from '../errors/errors.ts'
import { settlesWithin } from '../lifecycle/deadline.ts'
import { reasonNotStorable } from './storable.ts'

/** What every driver of the job queue accepts and promises. */

const JOB_NAME = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/
export const DEFAULT_RETRIES = 3
export const DEFAULT_TIMEOUT_MS = 15 * 60_000
/** A retry waits 1, 2, 4 … seconds with jitter, at most this long. */
export const MAX_RETRY_DELAY_MS = 300_000
/** Of each call to the store on somebody’s behalf. A job may have been accepted although its answer was late. */
const CALL_TIMEOUT_MS = 10_000
/** For the farewells after the handlers’ own deadline. */
export const STOP_MARGIN_MS = 2_000
export const DEFAULT_DEAD_AFTER_MS = 60_000

/** @throws CORE_JOB_INVALID */
export function checkName(name: string): void {
  if (JOB_NAME.test(name)) return
  throw coreErrors.JOB_INVALID({ field: 'name', value: name, accepted: '<capability>.<job>' })
}

/** @throws CORE_JOB_INVALID */
export function checkData(data: object): void {
  const reason = reasonNotStorable(data)
  if (reason === undefined) return
  throw coreErrors.JOB_INVALID({ field: 'data', value: reason, accepted: 'JSON that can be stored' })
}

export function cronInvalid(cron: string, cause?: unknown): MillraceError {
  const accepted = 'a cron expression of five fields, such as 0 3 * * *'
  return coreErrors.JOB_INVALID({ field: 'schedule', value: cron, accepted }, cause)
}

/**
 * The parsers of cron expressions take fewer fields and more, and mean something else by them.
 * @throws CORE_JOB_INVALID
 */
export function checkFields(cron: string): void {
  if (cron.trim().split(/\s+/).length !== 5) throw cronInvalid(cron)
}

export async function withDeadline<Result>(work: Promise<Result>): Promise<Result> {
  if (await settlesWithin(work, CALL_TIMEOUT_MS, systemClock)) return work
  throw new Error(`no answer within ${CALL_TIMEOUT_MS} ms`)
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
