import { settlesWithin, type CacheEntryOptions, type Clock } from '@millrace/core'
import { processRegistry } from '@millrace/core/metrics'
import { cacheErrors } from '../errors.ts'
import { createCacheInstruments } from '../metrics.ts'
import { checkTags, checkTtl } from '../options.ts'
import type { BehindStats } from './behind-types.ts'
import type { WriteBehind } from './behind.ts'
import type { DeadLetter } from './dead-letters.ts'
import { DirectWrites, setOrForget } from './direct.ts'
import { openBehind } from './open-behind.ts'
import {
  resolveBehindOptions,
  resolveWriterOptions,
  type WriteOrigin,
  type WriterCache,
  type WriterOptions,
  type WriteStrategy,
} from './options.ts'

const MAX_ID_LENGTH = 1_024
const NAMESPACE = /^[A-Za-z0-9_.-]{1,64}$/
const CLOSE_DEADLINE_MS = 10_000

/** Writes of one namespace, and reads that see them. */
export interface Writer<Value = unknown> {
  readonly namespace: string
  readonly strategy: WriteStrategy
  /**
   * `through`, `around`: resolves when the origin has it. `behind`: resolves when the journal has it.
   * @throws CACHE_KEY_TOO_LONG, CACHE_TTL_INVALID, CACHE_TAG_INVALID, CACHE_VALUE_NOT_SERIALISABLE, CACHE_CLOSED; through and around:
   * CACHE_WRITE_TIMEOUT and what `write` throws; behind: CACHE_WRITE_QUEUE_FULL, CACHE_WRITE_TOO_LARGE, CACHE_JOURNAL_UNWRITABLE
   */
  set(id: string, value: Value, options?: CacheEntryOptions): Promise<void>
  /** Deletes at the origin, in the same way. */
  delete(id: string): Promise<void>
  /** The value as last written here, also when the cache has dropped it and the origin does not have it yet; otherwise the cache's. */
  get(id: string): Promise<Value | undefined>
  /** The same with a loader, which is not asked for what is pending. Undefined: a deletion is pending. */
  getOrSet(
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options?: CacheEntryOptions,
  ): Promise<Value | undefined>
  /** True: everything accepted so far has arrived or is a dead letter. False: not by the deadline (default 10 s). */
  flush(options?: { deadlineMs?: number }): Promise<boolean>
  /** Of `behind` only. */
  stats(): BehindStats | undefined
  deadLetters(): DeadLetter[]
  /** Puts a dead letter back into the queue. False: there is none. */
  retry(sequence: number): Promise<boolean>
  /** Gives a dead letter up for good. */
  discard(sequence: number): Promise<boolean>
  /**
   * Takes nothing more, delivers until the deadline (default 10 s), and leaves the rest in the journal, from where the next process
   * takes it up. Resolves with how many are left.
   */
  close(options?: { deadlineMs?: number }): Promise<{ pending: number }>
}

/**
 * A writer for one namespace of a cache. Through it, `behind` gives every read its own writes; code that reads such a
 * namespace with the cache's own `getOrSet` may load, after an eviction, what the origin held before.
 *
 * What `behind` promises: an acknowledged write is in the journal, survives the end of the process, and is handed to
 * `write` until that accepts it or it is a dead letter. It is handed over again when nobody knows whether it arrived
 * (a failure, a time-out, a process that died between the origin's answer and the journal's note). So an origin sees
 * each effect exactly once when it takes a write only if its `sequence` is higher than the one it has for that key, in one statement:
 *
 *     INSERT INTO profile (id, name, sequence) VALUES ($1, $2, $3)
 *     ON CONFLICT (id) DO UPDATE SET name = excluded.name, sequence = excluded.sequence
 *     WHERE profile.sequence < excluded.sequence
 *
 * or, for effects that add up, keeps `token` in a table with a unique key in the same transaction.
 *
 * @throws CACHE_OPTION_INVALID, CACHE_NAMESPACE_INVALID, CACHE_JOURNAL_LOCKED, CACHE_JOURNAL_UNWRITABLE
 */
export async function createWriter<Value = unknown>(
  cache: WriterCache,
  namespace: string,
  options: WriterOptions<Value>,
): Promise<Writer<Value>> {
  if (!NAMESPACE.test(namespace)) throw cacheErrors.NAMESPACE_INVALID({ namespace })
  const limits = resolveWriterOptions(options)
  const instruments = options.instruments ?? createCacheInstruments(options.registry ?? processRegistry())
  const write = options.write as WriteOrigin<unknown>
  const shared = { namespace, write, limits, instruments }
  if (options.strategy !== 'behind') {
    return directWriter(
      cache,
      new DirectWrites({ ...shared, cache, strategy: options.strategy }),
      limits.clock,
    )
  }
  const outdated = (id: string): void => {
    const drop = async (): Promise<unknown> => cache.delete(namespace, id)
    drop().catch((error: unknown) => {
      limits.logger.warn({ err: error, namespace, id }, 'an outdated entry could not be dropped')
    })
  }
  const behind = resolveBehindOptions(options.behind)
  return behindWriter(cache, await openBehind({ ...shared, behind, outdated }), namespace)
}

function directWriter<Value>(cache: WriterCache, direct: DirectWrites, clock: Clock): Writer<Value> {
  const { namespace, strategy } = direct
  const within = (promise: Promise<unknown>, ms: number): Promise<boolean> =>
    settlesWithin(promise, ms, clock)
  return {
    namespace,
    strategy,
    set: async (id, value, options = {}) => {
      checkWrite(namespace, id, options)
      await direct.put(id, 'set', value, options)
    },
    delete: async (id) => {
      checkWrite(namespace, id, {})
      await direct.put(id, 'delete', undefined)
    },
    get: (id) => cache.get<Value>(namespace, id),
    getOrSet: (id, load, options) => cache.getOrSet<Value>(namespace, id, load, options),
    flush: ({ deadlineMs = CLOSE_DEADLINE_MS } = {}) => direct.flush(deadlineMs, within),
    stats: () => undefined,
    deadLetters: () => [],
    retry: async () => false,
    discard: async () => false,
    close: async ({ deadlineMs = CLOSE_DEADLINE_MS } = {}) => {
      await direct.close(deadlineMs, within)
      return { pending: 0 }
    },
  }
}

function behindWriter<Value>(cache: WriterCache, queue: WriteBehind, namespace: string): Writer<Value> {
  return {
    namespace,
    strategy: 'behind',
    set: async (id, value, options = {}) => {
      checkWrite(namespace, id, options)
      await queue.add(id, 'set', value)
      // Of two concurrent writes of a key, the cache must end with the later one.
      const latest = queue.latest(id)
      if (latest === undefined || Object.is(latest.value, value))
        await setOrForget(cache, namespace, id, value, options)
    },
    delete: async (id) => {
      checkWrite(namespace, id, {})
      await queue.add(id, 'delete', undefined)
      await cache.delete(namespace, id)
    },
    get: async (id) => {
      const pending = queue.latest(id)
      return pending === undefined ? cache.get<Value>(namespace, id) : (pending.value as Value | undefined)
    },
    getOrSet: async (id, load, options) => {
      const pending = queue.latest(id)
      if (pending !== undefined) return pending.value as Value | undefined
      return cache.getOrSet<Value>(namespace, id, load, options)
    },
    flush: ({ deadlineMs = CLOSE_DEADLINE_MS } = {}) => queue.flush(deadlineMs),
    stats: () => queue.stats(),
    deadLetters: () => queue.retries.list(),
    retry: (sequence) => queue.retries.retry(sequence),
    discard: (sequence) => queue.retries.discard(sequence),
    close: ({ deadlineMs = CLOSE_DEADLINE_MS } = {}) => queue.close(deadlineMs),
  }
}

function checkWrite(namespace: string, id: string, options: CacheEntryOptions): void {
  if (id.length > MAX_ID_LENGTH) {
    throw cacheErrors.KEY_TOO_LONG({ namespace, length: id.length, max: MAX_ID_LENGTH })
  }
  if (options.ttlMs !== undefined) checkTtl('ttlMs', options.ttlMs)
  checkTags(options.tags ?? [])
}
