import { cacheErrors } from '../errors.ts'
import type { WriteEntry, WriteFailure, WriteOrigin, WriterLimits } from './options.ts'

/**
 * Calls the origin, at most `writeTimeoutMs` long. On time-out its signal is aborted; whether the write arrives after all
 * is the origin's secret, and what it answers later is ignored. Returns what did not arrive.
 * @throws CACHE_WRITE_TIMEOUT, the reason of `stopped`, or what `write` throws
 */
export async function callOrigin<Value>(
  write: WriteOrigin<Value>,
  batch: readonly WriteEntry<Value>[],
  limits: WriterLimits,
  stopped?: AbortSignal,
): Promise<readonly WriteFailure[]> {
  const { clock, writeTimeoutMs: timeoutMs } = limits
  const controller = new AbortController()
  const ended = Promise.withResolvers<never>()
  const end = (reason: unknown): void => {
    ended.reject(reason)
    controller.abort(reason)
  }
  const onStop = (): void => end(stopped?.reason)
  const timer = new AbortController()
  clock.sleep(timeoutMs, timer.signal).then(
    () => end(cacheErrors.WRITE_TIMEOUT({ namespace: batch[0]?.namespace ?? '', timeoutMs })),
    () => undefined,
  )
  stopped?.addEventListener('abort', onStop, { once: true })
  try {
    stopped?.throwIfAborted()
    const result: unknown = await Promise.race([write(batch, controller.signal), ended.promise])
    return Array.isArray(result) ? failuresIn(result, batch) : []
  } finally {
    timer.abort()
    stopped?.removeEventListener('abort', onStop)
  }
}

/**
 * Whatever else a database returns from a write, rows for instance, is none. A number may come as text, as databases return
 * large ones; one that is not of the batch says that something failed and not what: then nothing counts as arrived.
 * @throws CACHE_OPTION_INVALID
 */
function failuresIn(result: readonly unknown[], batch: readonly WriteEntry[]): WriteFailure[] {
  const sequences = new Set(batch.map(({ sequence }) => sequence))
  const failures: WriteFailure[] = []
  for (const item of result) {
    if (typeof item !== 'object' || item === null || !('sequence' in item)) continue
    const failure = item as Partial<WriteFailure>
    if (failure.error === undefined || failure.error === null) continue
    const sequence = Number(failure.sequence)
    if (!sequences.has(sequence)) {
      const accepted = 'failures with the sequence of an entry of the batch'
      throw cacheErrors.OPTION_INVALID({ field: 'write', value: String(failure.sequence), accepted })
    }
    failures.push({ ...failure, sequence, error: failure.error })
  }
  return failures
}

const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
  'CACHE_WRITE_TIMEOUT',
])

/** Of those, what one entry can bring about as well: it is locked, or ends the connection that it comes by. */
const BY_ONE_ENTRY = new Set(['CACHE_WRITE_TIMEOUT', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', '08006'])

/** Whether an error says that the origin cannot be reached, so that no entry of the batch is to blame. */
export const isOriginAway = (error: unknown): boolean =>
  // PostgreSQL: class 08 connection, 53 resources, 57P the server stops or starts.
  codesOf(error).some((code) => AWAY.has(code) || /^(?:08|53|57P)[0-9A-Z]{2,3}$/.test(code))

/** Whether it may be one entry all the same. */
export const mayBeOneEntry = (error: unknown): boolean =>
  codesOf(error).some((code) => BY_ONE_ENTRY.has(code))

function codesOf(error: unknown): string[] {
  const codes: string[] = []
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
    const { code, cause } = at as { code?: unknown; cause?: unknown }
    if (typeof code === 'string') codes.push(code)
    at = cause
  }
  return codes
}
