import type { SharedValue } from '../shared/shared-tier.ts'

/** A read of the shared tier under way, which other reads of the same key join. */
export class Lookup {
  /** Of the invalidation log, taken before the question. */
  readonly version: number
  /** The key was deleted, overwritten or cleared meanwhile: what is found must not be kept in memory. */
  superseded = false
  readonly done: Promise<SharedValue | undefined>

  constructor(version: number, look: (own: Lookup) => Promise<SharedValue | undefined>) {
    this.version = version
    this.done = look(this)
  }
}
