import type { Version } from '../drivers/driver.ts'
import type { Namespace } from '../namespace.ts'
import type { Budget } from './budget.ts'
import type { ValueType } from './value-type.ts'

/** A value found in the shared tier: whole, and not invalidated. It may be stale by time. */
export interface SharedValue {
  value: unknown
  tags: readonly string[]
  /** Milliseconds since it was made. */
  ageMs: number
  /** Milliseconds that it stays fresh; 0 or less: stale since then. May be Infinity. */
  freshMs: number
  /** Milliseconds that it may be served after that, renewed meanwhile or because renewing fails. */
  staleMs: number
  /** How long it took to make, milliseconds; 0: unknown. */
  loadMs: number
}

export interface SharedLookup {
  /** Undefined: nothing there, invalidated, garbage, or the tier could not be asked in time. */
  found: SharedValue | undefined
  /**
   * What was current when this was read: hand it to `put` with what is produced AFTER this look-up, and an invalidation
   * that comes in between is never lost. Undefined: the tier could not be asked; then nothing must be put either.
   */
  version: Version | undefined
}

export interface SharedPut {
  /** From the look-up made before the value was produced. */
  version: Version
  tags: readonly string[]
  /** Milliseconds that it is fresh. */
  ttlMs: number
  /** Milliseconds that it is kept after that. Default 0. */
  staleMs?: number
  /** How long it took to make, milliseconds. Default 0. */
  loadMs?: number
  /** Default: as the cache is set. */
  compress?: boolean
  budget?: Budget
}

/**
 * The second tier, as the layers of this package use it. Nothing here ever rejects or takes longer than
 * `sharedTimeoutMs`: a tier that is away, slow or full means that nothing is found and nothing stored. A budget shared by
 * several calls bounds their sum, so that one request loses that time once.
 */
export interface SharedTier {
  /** Reads of one turn of the event loop travel together. `tags`: those the value is expected to carry; saves a second question. */
  get(
    space: Namespace,
    id: string,
    options?: { tags?: readonly string[]; budget?: Budget },
  ): Promise<SharedLookup>
  getMany(space: Namespace, ids: readonly string[], budget?: Budget): Promise<Map<string, SharedLookup>>
  /** False: not stored, because something later stands there, or the tier is not available, or the value has no bytes. */
  put(space: Namespace, id: string, value: unknown, options: SharedPut): Promise<boolean>
  /** Of one request. */
  budget(): Budget
  /** Values of a class of ours, which neither JSON nor v8 would bring back as what they were. */
  register(type: ValueType): void
  /** Whether it answers at present. While it does not, calls return at once. */
  readonly available: boolean
}
