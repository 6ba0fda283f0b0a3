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
    return Array.isArray(result) ? result.filter(isFailure) : []
  } finally {
    timer.abort()
    stopped?.removeEventListener('abort', onStop)
  }
}

/** Whatever else a database returns from a write, rows for instance, is none. */
const isFailure = (item: unknown): item is WriteFailure =>
  typeof item === 'object' &&
  item !== null &&
  'error' in item &&
  typeof (item as { sequence?: unknown }).sequence === 'number'

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

/** Whether an error says that the origin cannot be reached, so that no entry of the batch is to blame. */
export function isOriginAway(error: unknown): boolean {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
    const { code, cause } = at as { code?: unknown; cause?: unknown }
    // PostgreSQL: class 08 connection, 53 resources, 57P the server stops or starts.
    if (typeof code === 'string' && (AWAY.has(code) || /^(?:08|53|57P)[0-9A-Z]{2,3}$/.test(code))) return true
    at = cause
  }
  return false
}
