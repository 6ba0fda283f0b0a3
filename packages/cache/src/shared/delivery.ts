import { backoff } from '@millrace/core'
import type { Invalidation, SharedStore, Version } from '../drivers/driver.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { CacheLimits } from '../options.ts'
import { within } from '../within.ts'
import type { Budget } from './budget.ts'
import { Guard } from './guard.ts'
import { Recovery } from './recovery.ts'
import { Undelivered } from './undelivered.ts'

/** For the removal of records that a pattern matches; they are recognised as stale meanwhile. */
const SWEEP_LIMIT_MS = 120_000
const SWEEP_ATTEMPTS = 5
/** For a part of what was kept: nobody waits for it, and a server that is back may have much to do. */
const REPLAY_LIMIT_MS = 1_000
/** For what is left when the cache is closed. */
const SETTLE_LIMIT_MS = 1_000

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
  /** An attempt under way: there is never more than one. */
  #recovering: Promise<boolean> | undefined
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

  /** Ends when what is left is delivered and sweeps have ended, or one more attempt has failed, or after a second. */
  async settle(started: Promise<void>): Promise<void> {
    await within(this.#finish(started), SETTLE_LIMIT_MS, undefined, this.#limits.clock)
    if (this.#undelivered.size === 0) return
    const left = this.#undelivered.size
    this.#limits.logger.warn({ left }, 'the cache closed before the shared tier took all invalidations')
  }

  /** Never rejects. */
  async #finish(started: Promise<void>): Promise<void> {
    // Asked for before there was a connection, by a process that has nothing else to do.
    if (this.#undelivered.size > 0) await started.catch(() => undefined)
    if (this.#undelivered.size > 0 && this.#started) await this.#recover()
    await Promise.allSettled(this.#sweeps)
  }

  #recover(): Promise<boolean> {
    this.#recovering ??= this.#attempt().finally(() => (this.#recovering = undefined))
    return this.#recovering
  }

  /** Whether the store answers and has everything. */
  async #attempt(): Promise<boolean> {
    if (this.guard.open && (await this.guard.probe('ping', () => this.#store.ping())) === undefined)
      return false
    for (let what = this.#undelivered.take(); what !== undefined; what = this.#undelivered.take()) {
      const due = what
      const limitMs = Math.max(REPLAY_LIMIT_MS, this.#limits.sharedTimeoutMs)
      const answer = await this.guard.probe('invalidate', () => this.#store.invalidate(due), limitMs)
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
