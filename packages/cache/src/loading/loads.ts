import { cacheErrors } from '../errors.ts'
import { staleWindow } from '../keep.ts'
import type { Entry } from '../memory/entry.ts'
import type { MemoryTier } from '../memory/tier.ts'
import type { CacheInstruments } from '../metrics.ts'
import type { Namespace } from '../namespace.ts'
import type { CacheLimits, SetOptions } from '../options.ts'
import { checkSchema } from '../schema.ts'
import type { SharedValue } from '../shared/shared-tier.ts'
import type { StoreTier } from '../shared/store-tier.ts'
import { Flight, runLoader, type Fallback } from './flight.ts'
import { timeToLive, type LoadJob } from './load-job.ts'
import { acceptance, SharedLoads, type Booking, type Ticket } from './shared-loads.ts'

/** The right to store one value, unless it is invalidated before. `end` must be called in every case. */
export interface Production {
  /** False when an invalidation came in between. `id` stores under another key of the same namespace. */
  store(value: unknown, options: SetOptions & { id?: string }): boolean
  end(): void
}

/** After loading failed and a stale value stood in, that one counts as fresh for so long: the loader is not run at every read. */
const RETRY_MS = 1_000

export interface LoadsOptions {
  limits: CacheLimits
  instruments: CacheInstruments
  /** Aborted when the cache is closed. */
  closed: AbortSignal
  shared: StoreTier | undefined
}

/** One flight per key: who produces a value, who waits for it, and whether it may be stored in the end. */
export class Loads {
  readonly #tier: MemoryTier
  readonly #options: LoadsOptions
  readonly #shared: SharedLoads | undefined
  /** Flights under way, those that nobody can join any more among them. */
  readonly #flying = new Set<Promise<void>>()

  constructor(tier: MemoryTier, options: LoadsOptions) {
    this.#tier = tier
    this.#options = options
    this.#shared = options.shared && new SharedLoads(options.shared, options.limits, options.closed)
  }

  /** A flight that may still be joined: one that was invalidated would hand out what was true before. */
  running(space: Namespace, id: string): Flight | undefined {
    const flight = space.flights.get(id)
    return flight !== undefined && this.#tier.isCurrent(flight) ? flight : undefined
  }

  /** Starts producing the value. `newerThan`: only something fresher than this entry, or made from now on, will do. */
  start(job: LoadJob, newerThan?: Entry | 'now'): Flight {
    const { space, id } = job
    const flight = this.#depart(space, id, job.tags)
    const stale = this.#tier.stale(space, id)
    if (stale !== undefined) {
      const { value, tags, loadMs, expiresAt, staleMs } = stale
      const until = expiresAt + Math.min(staleMs, staleWindow(job.keep))
      flight.fallback = { value, tags, loadMs, until }
    }
    const flown = this.#fly(job, flight, acceptance(newerThan, this.#options.limits.clock))
    this.#flying.add(flown)
    void flown.then(() => this.#flying.delete(flown))
    return flight
  }

  /** Undefined when somebody produces that value already. */
  produce(space: Namespace, id: string, own: readonly string[]): Production | undefined {
    if (this.running(space, id) !== undefined) return undefined
    const tags = this.#tier.tags(space, own)
    const flight = this.#depart(space, id, tags)
    return {
      store: (value, options) => {
        if (!this.#tier.isCurrent(flight)) {
          space.discardedLoads.add()
          return false
        }
        this.#tier.put(space, options.id ?? id, value, options, tags, flight.version)
        return true
      },
      end: () => {
        this.#land(space, id, flight)
        flight.resolve(undefined)
      },
    }
  }

  /** The stale value that may be served instead of the flight's, if it still may. */
  fallback(flight: Flight): Fallback | undefined {
    const { fallback, version } = flight
    if (fallback === undefined || fallback.until <= this.#options.limits.clock.monotonic()) return undefined
    const valid = this.#tier.isCurrent(flight) && this.#tier.log.isCurrent(version, fallback.tags)
    return valid && !this.#options.closed.aborted ? fallback : undefined
  }

  /** When all flights have landed. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#flying)
  }

  /** Never rejects: the flight does. */
  async #fly(job: LoadJob, flight: Flight, accepts: Booking['accepts']): Promise<void> {
    const { space, id, keep } = job
    let ticket: Ticket | undefined
    try {
      if (this.#shared !== undefined && keep.tiers !== 'memory') {
        ticket = await this.#shared.book(job, {
          isCurrent: () => this.#tier.isCurrent(flight),
          accepts,
          passedOver: (found) => this.#offer(flight, job, found),
        })
        if (ticket.found !== undefined) {
          const { value, freshMs: ttlMs, staleMs, loadMs, tags } = ticket.found
          if (ticket.waited) space.stampedesAvoided.add()
          this.#keep(job, flight, value, { ttlMs, staleMs, loadMs }, tags)
          flight.shared = true
          flight.resolve(value)
          return
        }
      }
      flight.resolve(await this.#load(job, flight, ticket))
    } catch (error) {
      this.#fail(job, flight, error)
    } finally {
      ticket?.lease?.release()
      this.#land(space, id, flight)
    }
  }

  async #load(job: LoadJob, flight: Flight, ticket: Ticket | undefined): Promise<unknown> {
    const { space, id, keep } = job
    const { clock, loaderTimeoutMs } = this.#options.limits
    const timeoutMs = keep.loaderTimeoutMs ?? loaderTimeoutMs
    const startedAt = clock.monotonic()
    const key = { namespace: space.name, id }
    let value: unknown
    try {
      value = await runLoader(job.load, key, { clock, timeoutMs, closed: this.#options.closed })
      await this.#check(job, value)
    } catch (error) {
      space.loadErrors.add()
      throw error
    } finally {
      space.loadDuration.record((clock.monotonic() - startedAt) / 1_000)
    }
    const ttlMs = timeToLive(job, value)
    if (ttlMs <= 0) {
      await this.#forget(job, flight, ticket)
      return value
    }
    const loadMs = clock.monotonic() - startedAt
    if (!this.#tier.isCurrent(flight)) {
      space.discardedLoads.add()
      return value
    }
    this.#keep(job, flight, value, { ...job.options, ttlMs, loadMs }, job.tags)
    if (ticket?.version !== undefined) {
      const { version, budget } = ticket
      const times = { ttlMs, loadMs, staleMs: staleWindow(keep) }
      await this.#shared?.put(job, value, { version, budget, ...times })
    }
    return value
  }

  /** There is nothing any more, and that is not to be remembered: neither is what was there before. */
  async #forget({ space, id }: LoadJob, flight: Flight, ticket: Ticket | undefined): Promise<void> {
    const known = flight.standing || space.entries.has(id)
    if (!known || !this.#tier.isCurrent(flight)) return
    this.#tier.dropKey(space.name, id)
    if (ticket !== undefined) await this.#shared?.forget(space.name, id, ticket.budget)
  }

  #keep(
    job: LoadJob,
    flight: Flight,
    value: unknown,
    times: SetOptions & { staleMs?: number; loadMs: number },
    tags: readonly string[],
  ): void {
    const { space, id, keep } = job
    if (keep.tiers === 'shared' && this.#shared !== undefined) return
    if (flight.superseded || !this.#tier.log.isCurrent(flight.version, tags)) return
    const { ttlMs, loadMs, staleMs = staleWindow(keep) } = times
    const sizeBytes = times.sizeBytes === undefined ? {} : { sizeBytes: times.sizeBytes }
    this.#tier.put(space, id, value, { ttlMs, loadMs, staleMs, ...sizeBytes }, tags, flight.version)
  }

  /** Found in the shared tier past its time: it may stand in for the result, or even be one while it is renewed. */
  #offer(flight: Flight, { space, keep }: LoadJob, found: SharedValue): void {
    const { value, tags, loadMs, freshMs, staleMs } = found
    flight.standing = true
    if (freshMs > 0) return
    const until = this.#options.limits.clock.monotonic() + freshMs + Math.min(staleMs, staleWindow(keep))
    if (until > (flight.fallback?.until ?? -Infinity)) flight.fallback = { value, tags, loadMs, until }
    if (freshMs + Math.min(staleMs, keep.staleWhileRevalidateMs) <= 0) return
    this.#options.instruments.staleServed.with({ namespace: space.name, reason: 'revalidate' }).add()
    flight.shared = true
    flight.standIn(value)
  }

  #fail(job: LoadJob, flight: Flight, error: unknown): void {
    const { space, id } = job
    const fallback = this.fallback(flight)
    if (fallback === undefined) {
      flight.reject(error)
      return
    }
    const leftMs = fallback.until - this.#options.limits.clock.monotonic()
    this.#options.instruments.staleServed.with({ namespace: space.name, reason: 'error' }).add()
    if (this.#tier.live(space, id) === undefined) {
      const ttlMs = Math.min(RETRY_MS, leftMs)
      const times = { ttlMs, staleMs: leftMs - ttlMs, loadMs: fallback.loadMs }
      this.#keep(job, flight, fallback.value, times, fallback.tags)
    }
    flight.standIn(fallback.value)
    flight.reject(error)
  }

  /** @throws CACHE_VALUE_INVALID */
  async #check({ space, id }: LoadJob, value: unknown): Promise<void> {
    // That there is nothing is no value: a schema need not provide for it.
    if (space.schema === undefined || value === undefined || value === null) return
    const checked = await checkSchema(space.schema, value)
    if (checked.valid) return
    throw cacheErrors.VALUE_INVALID({ namespace: space.name, id, problem: checked.problem })
  }

  #depart(space: Namespace, id: string, tags: readonly string[]): Flight {
    const flight = new Flight(this.#tier.log.version, tags)
    space.flights.set(id, flight)
    return flight
  }

  #land(space: Namespace, id: string, flight: Flight): void {
    if (space.flights.get(id) === flight) space.flights.delete(id)
  }
}
