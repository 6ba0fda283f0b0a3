import { MillraceError, toProblem, type Logger, type Problem } from '@millrace/core'
import { storeErrors } from './errors.ts'

/** Node and PostgreSQL codes that mean "not now" instead of "wrong": connection lost, starting, stopping, full. */
const UNAVAILABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
])
const CONNECTION_LOST =
  /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered)/

/** A request that a framework refused before a handler ran: malformed JSON, a body over the limit. */
function refusedStatus(error: Error): number | undefined {
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown }
  const code = typeof statusCode === 'number' ? statusCode : status
  return typeof code === 'number' && code >= 400 && code < 500 ? code : undefined
}

function classify(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof MillraceError) return error
  const code = 'code' in error ? String(error.code) : ''
  if (UNAVAILABLE.has(code) || CONNECTION_LOST.test(error.message)) {
    return storeErrors.DATABASE_UNAVAILABLE({}, error)
  }
  const status = refusedStatus(error)
  if (status === undefined) return error
  return new MillraceError(error.message, {
    code: 'STORE_REQUEST_INVALID',
    status,
    title: 'Invalid request',
    cause: error,
  })
}

/** The problem document for whatever was thrown; failures of the service itself go to the log with their cause. */
export function describeProblem(error: unknown, instance: string, logger: Logger): Problem {
  const problem = toProblem(classify(error), instance)
  if (problem.status >= 500) logger.error({ err: error, instance }, problem.title)
  return problem
}
