import { backoff } from '@millrace/core'
import type { Invalidation, SharedStore, Version } from '../drivers/driver.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { CacheLimits } from '../options.ts'
import type { Budget } from './budget.ts'
import { Guard } from './guard.ts'
import { Recovery } from './recovery.ts'
import { Undelivered } from './undelivered.ts'

/** For the removal of records that a pattern matches; they are recognised as stale meanwhile. */
const SWEEP_LIMIT_MS = 120_000
const SWEEP_ATTEMPTS = 5

/**
 * Gets invalidations to the store: at once, or, when it is away, kept and repeated before the store is used for anything
 * else, since it would answer with what was invalidated.
 */
export class Delivery {
  readonly guard: Guard
  readonly #store: SharedStore
  readonly #limits: CacheLimits
  readonly #instruments: CacheInstruments
  readonly #closed: AbortSignal
  readonly #undelivered: Undelivered
  readonly #recovery: Recovery
  #started = false
  readonly #sweeps = new Set<Promise<void>>()
  /** Called with every pattern that was delivered. */
  onPattern: (pattern: string, version: Version) => void = () => undefined

  constructor(store: SharedStore, limits: CacheLimits, instruments: CacheInstruments, closed: AbortSignal) {
    this.#store = store
    this.#limits = limits
    this.#instruments = instruments
    this.#closed = closed
    this.#undelivered = new Undelivered(limits.maxUndelivered)
    this.#recovery = new Recovery(limits.clock, closed, () => this.#recover())
    this.guard = new Guard({
      clock: limits.clock,
      timeoutMs: limits.sharedTimeoutMs,
      instruments,
      logger: limits.logger,
      closed,
      onOpen: () => this.#recovery.start(false),
    })
    instruments.undeliveredInvalidations.observe(() => this.#undelivered.size)
  }

  get available(): boolean {
    return this.#started && !this.guard.open && this.#undelivered.size === 0 && !this.#closed.aborted
  }

  /** The store is there, and its notices are followed: from now on it is used. */
  start(): void {
    this.#started = true
    if (this.#undelivered.size > 0) this.#recovery.start(true)
  }

  get undelivered(): number {
    return this.#undelivered.size
  }

  /** The version it was given; undefined: it will be delivered later. */
  async publish(what: Invalidation, budget?: Budget): Promise<Version | undefined> {
    if (this.available) {
      const answer = await this.guard.run('invalidate', () => this.#store.invalidate(what), budget)
      if (answer !== undefined) {
        this.#delivered(what, answer.value)
        return answer.value
      }
    }
    this.#undelivered.add(what)
    if (this.#started) this.#recovery.start(true)
    return undefined
  }

  /** Ends when sweeps and the delivery of what is left have ended, or after `sharedTimeoutMs`. */
  async settle(): Promise<void> {
    const over = new AbortController()
    const limit = this.#limits.clock.sleep(this.#limits.sharedTimeoutMs, over.signal).catch(() => undefined)
    await Promise.race([Promise.allSettled(this.#sweeps), limit])
    over.abort()
    if (this.#undelivered.size === 0) return
    const left = this.#undelivered.size
    this.#limits.logger.warn({ left }, 'the cache closed before the shared tier took all invalidations')
  }

  /** Whether the store answers and has everything. */
  async #recover(): Promise<boolean> {
    if (this.guard.open && (await this.guard.probe('ping', () => this.#store.ping())) === undefined)
      return false
    for (let what = this.#undelivered.take(); what !== undefined; what = this.#undelivered.take()) {
      const due = what
      const answer = await this.guard.probe('invalidate', () => this.#store.invalidate(due))
      if (answer === undefined) {
        this.#undelivered.failed()
        return false
      }
      this.#undelivered.delivered()
      this.#instruments.replayedInvalidations.add(sizeOf(due))
      this.#delivered(due, answer.value)
    }
    this.guard.close()
    return true
  }

  #delivered(what: Invalidation, version: Version): void {
    if (what.kind !== 'pattern') return
    this.onPattern(what.pattern, version)
    const sweep = this.#sweep(what.pattern)
    this.#sweeps.add(sweep)
    void sweep.then(() => this.#sweeps.delete(sweep))
  }

  /** Never rejects. Until it is done, processes that know of the pattern recognise what it matches as stale. */
  async #sweep(pattern: string): Promise<void> {
    const { clock, logger } = this.#limits
    const pauses = backoff({ jitter: 0.5 })
    for (let attempt = 1; attempt <= SWEEP_ATTEMPTS; attempt++) {
      try {
        await this.#store.sweep(pattern, AbortSignal.any([this.#closed, AbortSignal.timeout(SWEEP_LIMIT_MS)]))
        return
      } catch (error) {
        if (this.#closed.aborted) return
        logger.warn({ err: error, pattern, attempt }, 'removing what a pattern matches failed')
        await clock.sleep(pauses.next(), this.#closed).catch(() => undefined)
      }
    }
  }
}

function sizeOf(what: Invalidation): number {
  if (what.kind === 'pattern') return 1
  return what.kind === 'keys' ? what.keys.length : what.names.length
}
