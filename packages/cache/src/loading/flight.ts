import type { Clock } from '@millrace/core'
import { cacheErrors } from '../errors.ts'

export interface Fallback {
  value: unknown
  tags: readonly string[]
  loadMs: number
  /** On the monotonic clock. */
  until: number
}

/**
 * A value being produced for a key: by a loader, or by an HTTP handler. `version` is taken before the production
 * starts, so that an invalidation that arrives meanwhile is later than it.
 */
export class Flight<Value = unknown> {
  readonly version: number
  readonly tags: readonly string[]
  /** The key was deleted, overwritten or cleared meanwhile: the result must not be stored. */
  superseded = false
  /** A stale value that may stand in for the result when producing it fails or takes too long. */
  fallback: Fallback | undefined = undefined
  /** An older value stands in the shared tier. */
  standing = false
  /** The value came from the shared tier. */
  shared = false
  /** What whoever waits gets: the value, or the stale one that stands in for it. */
  readonly done: Promise<Value>
  /** The value alone. */
  readonly produced: Promise<Value>
  readonly #done = Promise.withResolvers<Value>()
  readonly #produced = Promise.withResolvers<Value>()

  constructor(version: number, tags: readonly string[]) {
    this.version = version
    this.tags = tags
    this.done = this.#done.promise
    this.produced = this.#produced.promise
    // Whoever waits handles a failure; without anyone waiting it must not end the process.
    this.done.catch(() => undefined)
    this.produced.catch(() => undefined)
  }

  resolve(value: Value): void {
    this.#done.resolve(value)
    this.#produced.resolve(value)
  }

  /** A stale value is good enough for whoever waits, unless they asked for a new one. */
  standIn(value: Value): void {
    this.#done.resolve(value)
  }

  reject(reason: unknown): void {
    this.#done.reject(reason)
    this.#produced.reject(reason)
  }
}

export interface LoadOptions {
  clock: Clock
  timeoutMs: number
  /** Aborted when the cache is closed. */
  closed: AbortSignal
}

/**
 * Runs a loader, at most `timeoutMs` long. On time-out the loader's signal is aborted, and what it does later,
 * a rejection included, is ignored.
 * @throws CACHE_LOADER_TIMEOUT, or what the loader throws
 */
export async function runLoader<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  key: { namespace: string; id: string },
  options: LoadOptions,
): Promise<Value> {
  const { clock, timeoutMs, closed } = options
  closed.throwIfAborted()
  const controller = new AbortController()
  const stopped = Promise.withResolvers<never>()
  const stop = (reason: unknown): void => {
    stopped.reject(reason)
    controller.abort(reason)
  }
  const onClose = (): void => stop(closed.reason)
  const timer = new AbortController()
  clock.sleep(timeoutMs, timer.signal).then(
    () => stop(cacheErrors.LOADER_TIMEOUT({ ...key, timeoutMs })),
    () => undefined,
  )
  closed.addEventListener('abort', onClose, { once: true })
  try {
    return await Promise.race([load(controller.signal), stopped.promise])
  } finally {
    timer.abort()
    closed.removeEventListener('abort', onClose)
  }
}
