import { MillraceError, type Clock, type Logger } from '@millrace/core'
import type { BoundHistogram } from '@millrace/core/metrics'
import type { CacheInstruments } from '../metrics.ts'
import type { Budget } from './budget.ts'
import { Deadlines } from './deadlines.ts'

/** Failures in a row after which the tier is left alone. */
const FAILURES_TO_OPEN = 5
/** The same trouble is written to the log once in this time. */
const LOG_EVERY_MS = 30_000

export type Operation = 'read' | 'stamps' | 'write' | 'invalidate' | 'lock' | 'extend' | 'unlock' | 'ping'

/**
 * Between the cache and a store that may be away, slow, full or mad: each operation has a time limit, never rejects, and
 * after some failures in a row no more are tried until the store has answered again (a circuit breaker).
 */
export class Guard {
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #timeoutMs: number
  readonly #instruments: CacheInstruments
  readonly #durations: Partial<Record<Operation, BoundHistogram>>
  readonly #logger: Logger
  readonly #onOpen: () => void
  #failures = 0
  #open = false
  #loggedAt = -Infinity

  constructor(options: {
    clock: Clock
    timeoutMs: number
    instruments: CacheInstruments
    logger: Logger
    closed: AbortSignal
    /** The breaker opened: look for the store, and call `close` once it answers. */
    onOpen: () => void
  }) {
    this.#clock = options.clock
    this.#deadlines = new Deadlines(options.clock, options.closed)
    this.#timeoutMs = options.timeoutMs
    this.#instruments = options.instruments
    const duration = (operation: string): BoundHistogram =>
      options.instruments.operationDuration.with({ tier: 'shared', operation })
    this.#durations = { read: duration('get'), write: duration('set'), invalidate: duration('invalidate') }
    options.instruments.sharedUp.set(1)
    this.#logger = options.logger
    this.#onOpen = options.onOpen
  }

  get open(): boolean {
    return this.#open
  }

  /** Undefined: it failed, took too long, the breaker is open, or the budget is used up. */
  async run<Value>(
    operation: Operation,
    act: () => Promise<Value>,
    budget?: Budget,
  ): Promise<{ value: Value } | undefined> {
    if (this.#open) return undefined
    const limitMs = Math.min(this.#timeoutMs, budget?.leftMs ?? Infinity)
    if (limitMs <= 0) return undefined
    return await this.#attempt(operation, act, limitMs, budget)
  }

  /** The same although the breaker is open: to find out whether the store is back. Nobody waits for it. */
  probe<Value>(
    operation: Operation,
    act: () => Promise<Value>,
    limitMs = this.#timeoutMs,
  ): Promise<{ value: Value } | undefined> {
    return this.#attempt(operation, act, limitMs)
  }

  /** The store answers again. */
  close(): void {
    this.#failures = 0
    if (!this.#open) return
    this.#open = false
    this.#instruments.sharedUp.set(1)
    this.#loggedAt = -Infinity
    this.#logger.info('the shared tier of the cache answers again')
  }

  async #attempt<Value>(
    operation: Operation,
    act: () => Promise<Value>,
    limitMs: number,
    budget?: Budget,
  ): Promise<{ value: Value } | undefined> {
    const startedAt = this.#clock.monotonic()
    try {
      const value = await this.#withinTime(act, limitMs)
      this.#failures = 0
      return { value }
    } catch (error) {
      if (isFull(error)) {
        this.#failures = 0
        this.#tell('refused', operation, error)
        return undefined
      }
      const late = error instanceof TookTooLong
      // One that only had the rest of a budget says nothing about the store.
      this.#failed(operation, late ? 'timeout' : 'unavailable', error, !late || limitMs === this.#timeoutMs)
      budget?.spend()
      return undefined
    } finally {
      const tookMs = this.#clock.monotonic() - startedAt
      budget?.took(tookMs)
      this.#durations[operation]?.record(tookMs / 1_000)
    }
  }

  /** Rejects when the time is over; what comes later is ignored. */
  #withinTime<Value>(act: () => Promise<Value>, limitMs: number): Promise<Value> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new TookTooLong(`no answer within ${Math.round(limitMs)} ms`))
      // When this process was too busy to look, the answer may be waiting: timers come before input in the event loop.
      const deadline = this.#deadlines.start(limitMs, () => void setImmediate(late))
      const end = (): void => this.#deadlines.end(deadline)
      act().then(resolve, reject).then(end, end)
    })
  }

  #failed(operation: Operation, reason: 'timeout' | 'unavailable', error: unknown, counts: boolean): void {
    this.#tell(reason, operation, error)
    if (!counts || ++this.#failures < FAILURES_TO_OPEN || this.#open) return
    this.#open = true
    this.#instruments.sharedUp.set(0)
    this.#onOpen()
  }

  #tell(reason: 'timeout' | 'unavailable' | 'refused', operation: Operation, error: unknown): void {
    this.#instruments.sharedErrors.with({ reason }).add()
    const now = this.#clock.monotonic()
    if (now - this.#loggedAt >= LOG_EVERY_MS) {
      this.#loggedAt = now
      this.#logger.warn(
        { err: error, operation, reason },
        'the shared tier of the cache failed: going on without it',
      )
    }
  }
}

/** It answers, and all but writes goes on: no reason to leave it alone. */
const isFull = (error: unknown): boolean =>
  error instanceof MillraceError && error.code === 'CACHE_STORE_FULL'

class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
}
