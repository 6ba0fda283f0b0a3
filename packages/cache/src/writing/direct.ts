import { randomUUID } from 'node:crypto'
import type { CacheEntryOptions } from '@millrace/core'
import { cacheErrors } from '../errors.ts'
import type { CacheInstruments } from '../metrics.ts'
import { KeyOrder } from './key-order.ts'
import type { WriteEntry, WriteOrigin, WriterCache, WriterLimits } from './options.ts'
import { callOrigin } from './origin-call.ts'
import { Sequence } from './sequence.ts'

export interface DirectParts {
  namespace: string
  strategy: 'through' | 'around'
  cache: WriterCache
  write: WriteOrigin<unknown>
  limits: WriterLimits
  instruments: CacheInstruments
}

/**
 * Write-through and write-around. Writes of one key follow one another, so that the cache never ends with another value
 * than the origin as far as this process is concerned. A write that fails may have arrived all the same (a time-out):
 * the cache forgets the key, and the next read asks the origin.
 */
export class DirectWrites {
  readonly namespace: string
  readonly strategy: 'through' | 'around'
  readonly #parts: DirectParts
  readonly #sequence: Sequence
  readonly #order = new KeyOrder()
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #id = randomUUID()

  constructor(parts: DirectParts) {
    this.namespace = parts.namespace
    this.strategy = parts.strategy
    this.#parts = parts
    this.#sequence = new Sequence(parts.limits.clock)
  }

  /** @throws CACHE_WRITE_TIMEOUT, CACHE_CLOSED, what `write` throws, and what the cache's `set` throws */
  async put(
    id: string,
    operation: 'set' | 'delete',
    value: unknown,
    options: CacheEntryOptions = {},
  ): Promise<void> {
    this.#stopping.signal.throwIfAborted()
    const running = this.#order.run(id, () => this.#put(id, operation, value, options))
    this.#running.add(running)
    try {
      await running
    } finally {
      this.#running.delete(running)
    }
  }

  async #put(
    id: string,
    operation: 'set' | 'delete',
    value: unknown,
    options: CacheEntryOptions,
  ): Promise<void> {
    const { cache, namespace, strategy, write, limits, instruments } = this.#parts
    const sequence = this.#sequence.next()
    const token = `${this.#id}:${sequence}`
    const at = limits.clock.now()
    const entry: WriteEntry = { namespace, id, operation, value, sequence, token, at, attempt: 1 }
    try {
      const [failure] = await callOrigin(write, [entry], limits, this.#stopping.signal)
      if (failure !== undefined) throw failure.error
    } catch (error) {
      instruments.writeFailures.with({ namespace }).add()
      instruments.writes.with({ namespace, outcome: 'refused' }).add()
      await cache.delete(namespace, id)
      throw error
    }
    instruments.writes.with({ namespace, outcome: 'delivered' }).add()
    if (strategy === 'through' && operation === 'set') await setOrForget(cache, namespace, id, value, options)
    else await cache.delete(namespace, id)
  }

  /** Waits for the writes under way. False: not all ended in time. */
  async flush(deadlineMs: number, within: Within): Promise<boolean> {
    return within(Promise.allSettled(this.#running), deadlineMs)
  }

  async close(deadlineMs: number, within: Within): Promise<void> {
    await this.flush(deadlineMs, within)
    this.#stopping.abort(cacheErrors.CLOSED({ name: `${this.#parts.namespace} (writer)` }))
  }
}

/** A value that the cache does not take must not leave the one before in its place: that one is outdated. */
export async function setOrForget(
  cache: WriterCache,
  namespace: string,
  id: string,
  value: unknown,
  options: CacheEntryOptions,
): Promise<void> {
  try {
    await cache.set(namespace, id, value, options)
  } catch (error) {
    await cache.delete(namespace, id)
    throw error
  }
}

type Within = (promise: Promise<unknown>, ms: number) => Promise<boolean>
