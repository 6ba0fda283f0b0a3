import { literalNamespace } from './glob.ts'
import type { EdgeTier } from './edge/edge-tier.ts'
import type { MemoryTier } from './memory/tier.ts'
import type { Invalidation } from './drivers/driver.ts'
import { sharedKey, type StoreTier } from './shared/store-tier.ts'
import { ALL, namespaceStamp, tagStamp } from './shared/validity.ts'

/**
 * What makes entries stale, in every tier and every process. Each call has its effect in this process's memory before it
 * returns; the promise is for the shared tier, takes at most `sharedTimeoutMs`, and never rejects because of that tier: what
 * could not be delivered is kept and delivered before the tier is used again. After the cache was closed they reject with
 * CACHE_CLOSED.
 */
export class Invalidations {
  readonly #tier: MemoryTier
  readonly #closed: AbortSignal
  readonly #shared: StoreTier | undefined
  readonly #edge: EdgeTier | undefined

  constructor(tier: MemoryTier, closed: AbortSignal, shared?: StoreTier, edge?: EdgeTier) {
    this.#tier = tier
    this.#closed = closed
    this.#shared = shared
    this.#edge = edge
  }

  /** Whether this process held it in memory. */
  async delete(namespace: string, id: string): Promise<boolean> {
    const known = this.#tier.delete(this.#tier.open(namespace), id)
    await this.#publish({ kind: 'keys', keys: [sharedKey(namespace, id)] }, () =>
      this.#tier.dropKey(namespace, id),
    )
    // Last, so that what the edge asks for next is not answered with what was there before.
    this.#edge?.purgeEntry(namespace, id)
    return known
  }

  /** How many entries of this process's memory matched. */
  async pattern(pattern: string): Promise<number> {
    this.#closed.throwIfAborted()
    const deleted = this.#tier.deletePattern(pattern)
    await this.#publish(narrowest(pattern), () => this.#tier.dropPattern(pattern))
    this.#edge?.purgePattern(pattern)
    return deleted
  }

  /** How many tags. */
  async tags(tags: readonly string[]): Promise<number> {
    this.#closed.throwIfAborted()
    const count = this.#tier.invalidateTags(tags)
    if (count > 0) {
      await this.#publish({ kind: 'stamps', names: tags.map(tagStamp) }, () => {
        for (const tag of tags) this.#tier.log.invalidate(tag)
      })
      this.#edge?.purgeTags(tags)
    }
    return count
  }

  async clear(namespace?: string): Promise<void> {
    this.#closed.throwIfAborted()
    this.#tier.clear(namespace)
    const names = [namespace === undefined ? ALL : namespaceStamp(namespace)]
    await this.#publish({ kind: 'stamps', names }, () => this.#tier.dropAll(namespace))
    if (namespace === undefined) this.#edge?.purgeAll()
    else this.#edge?.purgeNamespace(namespace)
  }

  /** `again`: what was read from the shared tier before that one knew is outdated, too. */
  async #publish(what: Invalidation, again: () => void): Promise<void> {
    if (this.#shared === undefined) return
    this.#shared.leases.releaseOutdated()
    await this.#shared.publish(what, this.#shared.budget())
    again()
    this.#shared.leases.releaseOutdated()
  }
}

/** A whole namespace, or everything, is one stamp, and nothing has to be looked for. */
function narrowest(pattern: string): Invalidation {
  if (pattern === '*' || pattern === '*:*') return { kind: 'stamps', names: [ALL] }
  const namespace = literalNamespace(pattern)
  if (namespace !== undefined && pattern === `${namespace}:*`) {
    return { kind: 'stamps', names: [namespaceStamp(namespace)] }
  }
  return { kind: 'pattern', pattern }
}
