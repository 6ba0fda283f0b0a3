import type { MemoryTier } from '../memory/tier.ts'
import type { Namespace } from '../namespace.ts'
import { checkTtl, type SetOptions } from '../options.ts'
import { Flight, runLoader, type LoadOptions } from './flight.ts'

/** The right to store one value, unless it is invalidated before. `end` must be called in every case. */
export interface Production {
  /** False when an invalidation came in between. `id` stores under another key of the same namespace. */
  store(value: unknown, options: SetOptions & { id?: string }): boolean
  end(): void
}

/** One flight per key: who produces a value, who waits for it, and whether it may be stored in the end. */
export class Loads {
  readonly #tier: MemoryTier
  readonly #options: LoadOptions

  constructor(tier: MemoryTier, options: LoadOptions) {
    this.#tier = tier
    this.#options = options
  }

  /** A flight that may still be joined: one that was invalidated would hand out what was true before. */
  running(space: Namespace, id: string): Flight | undefined {
    const flight = space.flights.get(id)
    return flight !== undefined && this.#tier.isCurrent(flight) ? flight : undefined
  }

  async load<Value>(
    space: Namespace,
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options: SetOptions,
  ): Promise<Value> {
    const tags = this.#tier.tags(space, options.tags)
    if (options.ttlMs !== undefined) checkTtl('ttlMs', options.ttlMs)
    const flight = this.#depart(space, id, tags)
    const startedAt = this.#options.clock.monotonic()
    const key = { namespace: space.name, id }
    try {
      const value = await runLoader(load, key, this.#options)
      if (this.#tier.isCurrent(flight)) this.#tier.put(space, id, value, options, tags, flight.version)
      else space.discardedLoads.add()
      flight.resolve(value)
      return value
    } catch (error) {
      space.loadErrors.add()
      flight.reject(error)
      throw error
    } finally {
      this.#land(space, id, flight)
      space.loadDuration.record((this.#options.clock.monotonic() - startedAt) / 1_000)
    }
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

  #depart(space: Namespace, id: string, tags: readonly string[]): Flight {
    const flight = new Flight(this.#tier.log.version, tags)
    space.flights.set(id, flight)
    return flight
  }

  #land(space: Namespace, id: string, flight: Flight): void {
    if (space.flights.get(id) === flight) space.flights.delete(id)
  }
}
