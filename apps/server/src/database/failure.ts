/** Codes of node and PostgreSQL (class 08, 57P0x, 53300) that mean: the server is away or not taking connections. */
const CODES = new Set([
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
  '57P01',
  '57P02',
  '57P03',
  '53300',
])
const FROM_POOL =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end)/

/**
 * Whether a query failed because there was no usable connection, as opposed to a wrong query. Node's own codes count
 * only together with a `syscall`, or `fs` errors would be taken for a database that is away.
 */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isConnectionFailure)
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  if (typeof code === 'string' && CODES.has(code)) {
    return !code.startsWith('E') || ['connect', 'read', 'write', 'getaddrinfo'].includes(String(syscall))
  }
  return FROM_POOL.test(error.message)
}

/** U+0000 and lone surrogates: PostgreSQL stores neither as text (22021) nor within JSON (22P05, 22P02 for the latter). */
export const isUnstorableText = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === '22021' ||
    error.code === '22P05' ||
    (error.code === '22P02' && error.message.includes('type json')))
