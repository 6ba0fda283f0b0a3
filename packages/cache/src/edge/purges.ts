import { backoffDelay, settlesWithin, type Purger } from '@millrace/core'
import { processRegistry } from '@millrace/core/metrics'
import { cacheErrors } from '../errors.ts'
import { literalNamespace } from '../glob.ts'
import { createCacheInstruments, type CacheInstruments } from '../metrics.ts'
import { dialectOf, encodeEdgeKey, type EdgeDialect } from './dialect.ts'
import { entryKey, namespaceKey } from './headers.ts'
import { resolveEdgePurgeOptions, type EdgePurgeLimits, type EdgePurgeOptions } from './options.ts'
import type { EdgeTier } from './edge-tier.ts'
import { withDeadline } from './deadline.ts'
import { PurgeList, type PendingPurge } from './purge-list.ts'

export interface EdgePurgeStats {
  pending: number
  /** A purge of everything is pending, which stands for those that were too many. */
  all: boolean
  accepted: number
  givenUp: number
  /** Of the last call; undefined after one that succeeded. */
  lastError: string | undefined
}

/**
 * Purges on their way to the edge: each once, in batches, not more often than the edge likes, and again until it accepts
 * them. While the edge is away they wait; when there are too many, one purge of everything takes their place, so that nothing
 * stale is forgotten in bounded memory. They are not kept on disk: after the end of a process that had some pending, the
 * edge's own time to live is what bounds staleness.
 */
export class EdgePurges implements EdgeTier {
  readonly #limits: EdgePurgeLimits
  readonly #options: EdgePurgeOptions
  readonly #dialect: EdgeDialect
  readonly #instruments: CacheInstruments
  readonly #list: PurgeList
  readonly #namespaces: ReadonlySet<string>
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #accepted = 0
  #givenUp = 0
  #failures = 0
  /** Halved when an edge refuses a batch, doubled when it takes one: finds what it refuses. */
  #share = 1
  #lastError: string | undefined

  /** @throws CACHE_OPTION_INVALID */
  constructor(options: EdgePurgeOptions) {
    this.#options = options
    this.#limits = resolveEdgePurgeOptions(options)
    this.#dialect = dialectOf(options.edge ?? 'generic')
    this.#namespaces = new Set(options.namespaces)
    this.#list = new PurgeList(this.#limits.maxPending)
    this.#instruments = options.instruments ?? createCacheInstruments(options.registry ?? processRegistry())
  }

  /** Everything that carries one of the tags. */
  purgeTags(tags: readonly string[]): void {
    for (const tag of tags) this.#add('key', encodeEdgeKey(tag, this.#dialect))
  }

  /** Everything made from this entry. */
  purgeEntry(namespace: string, id: string): void {
    if (this.#namespaces.has(namespace)) this.purgeTags([entryKey(namespace, id)])
  }

  /** Everything made from an entry of the namespace. */
  purgeNamespace(namespace: string): void {
    if (this.#namespaces.has(namespace)) this.purgeTags([namespaceKey(namespace)])
  }

  /** What a glob over `<namespace>:<identifier>` may match. No edge knows patterns: whole namespaces go. */
  purgePattern(pattern: string): void {
    const only = literalNamespace(pattern)
    for (const namespace of only === undefined ? this.#namespaces : [only]) this.purgeNamespace(namespace)
  }

  /** @throws CACHE_PURGE_REFUSED */
  purgeUrls(urls: readonly string[]): void {
    for (const url of urls) {
      if (!/^https?:\/\/[^\s/]+/.test(url) || !URL.canParse(url)) {
        const accepted = 'an absolute address with http or https'
        throw cacheErrors.PURGE_REFUSED({ field: 'url', value: url, accepted })
      }
    }
    for (const url of urls) this.#add('url', url)
  }

  purgeAll(): void {
    if (this.#closed() || this.#purger() === undefined) return
    this.#list.addAll()
    this.#start()
  }

  stats(): EdgePurgeStats {
    return {
      pending: this.#list.size,
      all: this.#list.all,
      accepted: this.#accepted,
      givenUp: this.#givenUp,
      lastError: this.#lastError,
    }
  }

  /** True: the edge has accepted everything asked for so far. False: not by the deadline (default 10 s). */
  async flush({ deadlineMs = 10_000 }: { deadlineMs?: number } = {}): Promise<boolean> {
    const idle = async (): Promise<void> => {
      while (this.#running !== undefined) await this.#running
    }
    return (await settlesWithin(idle(), deadlineMs, this.#limits.clock)) && this.#list.size === 0
  }

  /** Takes nothing more and delivers until the deadline (default 5 s). Resolves with how many were left, which the log has, too. */
  async close({ deadlineMs = 5_000 }: { deadlineMs?: number } = {}): Promise<{ pending: number }> {
    await this.flush({ deadlineMs })
    this.#stopping.abort(new Error('The purges are closed.'))
    await this.#running
    const pending = this.#list.size
    if (pending > 0) this.#limits.logger.warn({ pending }, 'purges were not accepted by the edge in time')
    return { pending }
  }

  #closed(): boolean {
    return this.#stopping.signal.aborted
  }

  #purger(): Purger | undefined {
    const { purger } = this.#options
    return typeof purger === 'function' ? purger() : purger
  }

  #add(what: PendingPurge['what'], name: string): void {
    if (this.#closed() || this.#purger() === undefined) return
    this.#put({ what, name, attempts: 0, acceptedAtFailure: 0 })
    this.#start()
  }

  #put(purge: PendingPurge): void {
    if (this.#list.add(purge)) return
    this.#count('collapsed', this.#limits.maxPending)
    const facts = { max: this.#limits.maxPending }
    this.#limits.logger.warn(facts, 'too many purges are pending: everything is purged')
  }

  #start(): void {
    this.#gauge()
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#list.size > 0 && !this.#closed()) this.#start()
    })
  }

  async #run(): Promise<void> {
    const { batchMs, callsPerSecond } = this.#limits
    if (!(await this.#sleep(batchMs))) return
    while (this.#list.size > 0 && !this.#closed()) {
      const purger = this.#purger()
      // There is no edge any more.
      if (purger === undefined) return this.#list.clear()
      if (this.#list.takeAll()) await this.#purgeAll(purger)
      else await this.#purgeSome(purger)
      this.#gauge()
      if (!(await this.#sleep(1_000 / callsPerSecond))) return
    }
  }

  async #purgeAll(purger: Purger): Promise<void> {
    try {
      await this.#call((signal) => purger.purgeAll(signal))
      this.#done(1)
    } catch (error) {
      this.#list.addAll()
      await this.#failed(purger, error)
    }
  }

  async #purgeSome(purger: Purger): Promise<void> {
    const share = (count: number): number => Math.max(1, Math.floor(count * this.#share))
    const { keysPerCall, urlsPerCall } = purger.limits
    const batch = this.#list.take({ key: share(keysPerCall), url: share(urlsPerCall) })
    const names = batch.map(({ name }) => name)
    try {
      await this.#call((signal) =>
        batch[0]!.what === 'key' ? purger.purgeKeys(names, signal) : purger.purgeUrls(names, signal),
      )
      this.#share = Math.min(1, this.#share * 2)
      this.#done(batch.length)
    } catch (error) {
      this.#share = Math.max(1 / 4_096, this.#share / 2)
      for (const purge of batch) if (!this.#giveUp(purge, batch.length, error)) this.#put(purge)
      await this.#failed(purger, error)
    }
  }

  #giveUp(purge: PendingPurge, together: number, error: unknown): boolean {
    if (together > 1) return false
    if (purge.attempts++ === 0) purge.acceptedAtFailure = this.#accepted
    const hopeless = purge.attempts >= this.#limits.maxAttempts && this.#accepted > purge.acceptedAtFailure
    if (!hopeless) return false
    const { what, name, attempts } = purge
    this.#givenUp++
    this.#count('failed', 1)
    this.#limits.logger.error({ err: error, what, name, attempts }, 'the edge refuses a purge: given up')
    try {
      this.#options.onGivenUp?.({ what, name, attempts, error })
    } catch (err) {
      this.#limits.logger.error({ err }, 'whoever is told of purges that were given up failed')
    }
    return true
  }

  #done(count: number): void {
    this.#accepted += count
    this.#failures = 0
    this.#lastError = undefined
    this.#count('purged', count)
  }

  async #failed(purger: Purger, error: unknown): Promise<void> {
    this.#lastError = error instanceof Error ? error.message : String(error)
    const { retryBaseMs: baseMs, retryMaxMs: maxMs, random, logger } = this.#limits
    const facts = { err: error, edge: purger.name, pending: this.#list.size }
    if (this.#failures === 0) logger.warn(facts, 'the edge did not accept a purge; it is tried again')
    await this.#sleep(backoffDelay(this.#failures++, { baseMs, maxMs, random, jitter: 0.5 }))
  }

  #call(purge: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return withDeadline(purge, this.#limits, this.#stopping.signal)
  }

  /** False: we are closed. */
  async #sleep(ms: number): Promise<boolean> {
    try {
      await this.#limits.clock.sleep(ms, this.#stopping.signal)
      return true
    } catch {
      return false
    }
  }

  #count(outcome: string, by: number): void {
    this.#instruments.edgePurges.with({ outcome }).add(by)
  }

  #gauge(): void {
    this.#instruments.edgePurgesPending.with({}).set(this.#list.size)
  }
}
