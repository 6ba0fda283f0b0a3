import type { Clock } from '@millrace/core'
import type { Version } from '../drivers/driver.ts'
import type { Entry } from '../memory/entry.ts'
import type { CacheLimits } from '../options.ts'
import type { Budget } from '../shared/budget.ts'
import type { Lease } from '../shared/leases.ts'
import type { SharedLookup, SharedPut, SharedValue } from '../shared/shared-tier.ts'
import { sharedKey, type StoreTier } from '../shared/store-tier.ts'
import type { LoadJob } from './load-job.ts'

/** Between two looks whether the process that loads has finished: 5 ms, growing by half, to 250 ms. */
const FIRST_PAUSE_MS = 5
const PAUSE_GROWTH = 1.5
const MAX_PAUSE_MS = 250

/** What a flight got from the shared tier: the value, or the right to load it. */
export interface Ticket {
  found: SharedValue | undefined
  /** Another process loaded it meanwhile. */
  waited: boolean
  /** Current before the load begins; undefined: the tier could not be asked, and nothing is stored there. */
  version: Version | undefined
  lease: Lease | undefined
  budget: Budget
}

export interface Booking {
  /** Whether the load would still be worth something. */
  isCurrent: () => boolean
  /** Whether a fresh value will do. */
  accepts: (found: SharedValue) => boolean
  /** A value was found that will not do: it is past its time, or not accepted. */
  passedOver: (found: SharedValue) => void
}

/** What of the shared tier will do instead of a load. `now`: only what another process makes while this one waits for it. */
export function acceptance(newerThan: Entry | 'now' | undefined, clock: Clock): Booking['accepts'] {
  const startedAt = clock.monotonic()
  if (newerThan === undefined) return () => true
  if (newerThan === 'now') return ({ ageMs }) => ageMs < clock.monotonic() - startedAt
  return ({ freshMs }) => freshMs > newerThan.expiresAt - clock.monotonic() + 1
}

/** One load per key among all processes that share a store. */
export class SharedLoads {
  readonly #shared: StoreTier
  readonly #limits: CacheLimits

  readonly #closed: AbortSignal

  constructor(shared: StoreTier, limits: CacheLimits, closed: AbortSignal) {
    this.#shared = shared
    this.#limits = limits
    this.#closed = closed
  }

  /** Rejects only when the cache is closed. Takes `sharedTimeoutMs` at most, and `leaseWaitMs` more while another process is loading. */
  async book(job: LoadJob, booking: Booking): Promise<Ticket> {
    const { clock, leaseWaitMs } = this.#limits
    const until = clock.monotonic() + leaseWaitMs
    let budget = this.#shared.budget()
    let pauseMs = FIRST_PAUSE_MS
    let lookup = await this.#look(job, booking, budget)
    for (let waited = false; ; waited = true) {
      const { version } = lookup
      if (version === undefined || lookup.found !== undefined) {
        return { ...lookup, waited, lease: undefined, budget }
      }
      const key = sharedKey(job.space.name, job.id)
      const lease = await this.#shared.leases.acquire(key, booking.isCurrent, budget)
      if (lease === undefined) return { ...lookup, waited, lease, budget }
      if (lease !== 'busy') {
        // Somebody may have loaded and let go since we looked.
        const again = await this.#look(job, booking, budget)
        if (again.found !== undefined) lease.release()
        const held = again.found === undefined ? lease : undefined
        // Without an answer the first one holds: its version is older, which is never wrong.
        return { found: again.found, version: again.version ?? version, waited, lease: held, budget }
      }
      if (clock.monotonic() + pauseMs > until) return { ...lookup, waited, lease: undefined, budget }
      await clock.sleep(pauseMs * (0.5 + this.#limits.random() / 2), this.#closed)
      pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * PAUSE_GROWTH)
      // Waiting for a load is not time lost to the tier: only a look that hangs is.
      budget = this.#shared.budget()
      lookup = await this.#look(job, booking, budget)
    }
  }

  async put(
    { space, id, tags, keep }: LoadJob,
    value: unknown,
    times: Omit<SharedPut, 'tags' | 'compress'>,
  ): Promise<void> {
    await this.#shared.put(space, id, value, { ...times, tags, compress: keep.compress })
  }

  /** In every process; takes what is left of the budget. */
  async forget(namespace: string, id: string, budget: Budget): Promise<void> {
    this.#shared.leases.releaseOutdated()
    await this.#shared.publish({ kind: 'keys', keys: [sharedKey(namespace, id)] }, budget)
  }

  async #look(job: LoadJob, booking: Booking, budget: Budget): Promise<SharedLookup> {
    const { found, version } = await this.#shared.get(job.space, job.id, { tags: job.tags, budget })
    if (found === undefined || (found.freshMs > 0 && booking.accepts(found))) {
      return { found, version }
    }
    booking.passedOver(found)
    return { found: undefined, version }
  }
}
