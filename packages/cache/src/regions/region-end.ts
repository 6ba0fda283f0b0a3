import { backoffDelay, settlesWithin } from '@millrace/core'
import type { Follower, Invalidation, SharedStore } from '../drivers/driver.ts'
import { withDeadline } from '../edge/deadline.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { RelayLimits } from './options.ts'
import { Outbox } from './outbox.ts'

export interface RegionStats {
  name: string
  /** Whether its invalidations arrive here at present. */
  following: boolean
  /** Invalidations it has not taken yet. */
  pending: number
  taken: number
  /** How often everything in it was made stale because something was missed or too much was pending. */
  collapsed: number
  /** Of the last call; undefined after one that succeeded. */
  lastError: string | undefined
}

const MAX_UNSWEPT = 100

/** One region as a relay sees it: where invalidations come from, and where those of the others go. */
export class RegionEnd {
  readonly name: string
  readonly #store: SharedStore
  readonly #limits: RelayLimits
  readonly #instruments: CacheInstruments
  readonly #outbox: Outbox
  readonly #stopping = new AbortController()
  /** Patterns whose records are still there, stale. */
  readonly #unswept = new Set<string>()
  #sweeping: Promise<void> | undefined
  #following = false
  #unfollow: (() => Promise<void>) | undefined
  #running: Promise<void> | undefined
  #taken = 0
  #collapsed = 0
  #failures = 0
  #lastError: string | undefined

  constructor(parts: {
    name: string
    store: SharedStore
    limits: RelayLimits
    instruments: CacheInstruments
  }) {
    this.name = parts.name
    this.#store = parts.store
    this.#limits = parts.limits
    this.#instruments = parts.instruments
    this.#outbox = new Outbox(parts.limits.maxPending)
  }

  async follow(follower: Pick<Follower, 'onNotices' | 'onGap'>): Promise<void> {
    await this.#store.connect()
    this.#unfollow = await this.#store.follow({
      ...follower,
      onConnection: (connected) => {
        this.#following = connected
        this.#limits.logger.info({ region: this.name, connected }, 'the log of a region')
      },
    })
  }

  send(what: Invalidation): void {
    if (this.#stopping.signal.aborted) return
    if (!this.#outbox.add(what)) this.#collapse('too many are pending')
    this.#start()
  }

  /** What was missed cannot be known: everything in this region becomes stale. */
  sendAll(reason: string): void {
    if (this.#stopping.signal.aborted) return
    this.#outbox.addAll()
    this.#collapse(reason)
    this.#start()
  }

  stats(): RegionStats {
    return {
      name: this.name,
      following: this.#following,
      pending: this.#outbox.size,
      taken: this.#taken,
      collapsed: this.#collapsed,
      lastError: this.#lastError,
    }
  }

  async flush(deadlineMs: number): Promise<boolean> {
    const idle = async (): Promise<void> => {
      while (this.#running !== undefined) await this.#running
    }
    return settlesWithin(idle(), deadlineMs, this.#limits.clock)
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('The relay is closed.'))
    await this.#unfollow?.()
    await this.#store.close()
    await this.#running
    await this.#sweeping
  }

  #collapse(reason: string): void {
    this.#collapsed++
    this.#count('collapsed')
    this.#limits.logger.warn({ region: this.name, reason }, 'everything in a region becomes stale')
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#outbox.size > 0 && !this.#stopping.signal.aborted) this.#start()
    })
  }

  async #run(): Promise<void> {
    // What is heard of in this turn of the event loop goes together.
    await Promise.resolve()
    while (!this.#stopping.signal.aborted) {
      const what = this.#outbox.take()
      if (what === undefined) return
      try {
        await withDeadline(
          async () => void (await this.#store.invalidate(what)),
          this.#limits,
          this.#stopping.signal,
        )
        this.#taken++
        this.#failures = 0
        this.#lastError = undefined
        this.#count('relayed')
        if (what.kind === 'pattern') this.#sweep(what.pattern)
      } catch (error) {
        this.#lastError = error instanceof Error ? error.message : String(error)
        this.#count('failed')
        if (!this.#outbox.add(what)) this.#collapse('too many are pending')
        await this.#pause()
      }
    }
  }

  /**
   * The records themselves; the notice has made them stale already. One pattern at a time, each of which is a walk through the
   * whole store; records of those that are too many stay until their time is over.
   */
  #sweep(pattern: string): void {
    if (this.#unswept.size < MAX_UNSWEPT) this.#unswept.add(pattern)
    this.#sweeping ??= this.#sweepAll().finally(() => (this.#sweeping = undefined))
  }

  async #sweepAll(): Promise<void> {
    for (const pattern of this.#unswept) {
      if (this.#stopping.signal.aborted) return
      this.#unswept.delete(pattern)
      try {
        await this.#store.sweep(pattern, this.#stopping.signal)
      } catch (error) {
        this.#limits.logger.debug({ err: error, region: this.name, pattern }, 'a region could not be swept')
      }
    }
  }

  async #pause(): Promise<void> {
    const { clock, retryBaseMs: baseMs, retryMaxMs: maxMs, random } = this.#limits
    const ms = backoffDelay(this.#failures++, { baseMs, maxMs, random, jitter: 0.5 })
    await clock.sleep(ms, this.#stopping.signal).catch(() => undefined)
  }

  #count(outcome: string): void {
    this.#instruments.relayedInvalidations.with({ region: this.name, outcome }).add()
  }
}
