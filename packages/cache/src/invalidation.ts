import type { MemoryTier } from './memory/tier.ts'

/**
 * What makes entries stale, in every tier and every process. Each call has its effect in this process's memory before it
 * returns; the promise is for the shared tier, takes at most `sharedTimeoutMs`, and never rejects because of that tier: what
 * could not be delivered is kept and delivered before the tier is used again.
 */
export class Invalidations {
  readonly #tier: MemoryTier

  constructor(tier: MemoryTier) {
    this.#tier = tier
  }

  /** Whether this process held it in memory. */
  async delete(namespace: string, id: string): Promise<boolean> {
    return this.#tier.delete(this.#tier.open(namespace), id)
  }

  /** How many entries of this process's memory matched. */
  async pattern(pattern: string): Promise<number> {
    return this.#tier.deletePattern(pattern)
  }

  async tags(tags: readonly string[]): Promise<number> {
    return this.#tier.invalidateTags(tags)
  }

  async clear(namespace?: string): Promise<void> {
    this.#tier.clear(namespace)
  }
}
