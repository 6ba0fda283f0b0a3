import type { MillraceError } from '@millrace/core'
import { serverErrors } from '../errors.ts'

/**
 * Codes of node and PostgreSQL that mean: the server is away, not taking connections, out of means or read-only at present
 * (class 08, 57P0x, 53x, 25006), or gave this statement up in favour of another (40001, 40P01, 57014).
 */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '25006',
  '40001',
  '40P01',
  '53000',
  '53200',
  '53300',
  '53400',
  '57014',
  '57P01',
  '57P02',
  '57P03',
])
const FROM_POOL =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end)/

/**
 * Whether a query failed because of the server, as opposed to a wrong query. Node's own codes count only together with a
 * `syscall`, or `fs` errors would be taken for a database that is away.
 */
function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isConnectionFailure)
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  if (typeof code === 'string' && AWAY.has(code)) {
    return !code.startsWith('E') || ['connect', 'read', 'write', 'getaddrinfo'].includes(String(syscall))
  }
  return FROM_POOL.test(error.message)
}

/** disk_full, and an io_error (58030) for the same reason. */
const isStorageFull = (error: Error & { code?: unknown }): boolean =>
  error.code === '53100' || (error.code === '58030' && error.message.includes('No space left'))

/** U+0000 and lone surrogates: PostgreSQL stores neither as text (22021) nor within JSON (22P05, 22P02 for the latter). */
const isUnstorableText = (error: Error & { code?: unknown }): boolean =>
  error.code === '22021' ||
  error.code === '22P05' ||
  (error.code === '22P02' && error.message.includes('type json'))

/** What a failed query means to whoever asked; undefined when it is a defect of ours. */
export function databaseProblem(error: unknown): MillraceError | undefined {
  if (isConnectionFailure(error)) return serverErrors.DATABASE_UNAVAILABLE({}, error)
  if (!(error instanceof Error)) return undefined
  if (isStorageFull(error)) return serverErrors.STORAGE_FULL({}, error)
  if (isUnstorableText(error)) {
    const reason = 'it contains a character that cannot be stored, such as U+0000'
    return serverErrors.REQUEST_REFUSED({ reason })
  }
  return undefined
}
