/**
 * Tags as version stamps: invalidating a tag writes one number, whatever number of entries carries it, and an entry
 * is stale when one of its tags was invalidated after the entry's own version. Nothing is scanned.
 *
 * The log is bounded: when more than `maxTags` tags were ever invalidated, the one invalidated longest ago is
 * forgotten and every tagged entry older than that moment counts as stale, which costs a reload and is never wrong.
 */
export class InvalidationLog {
  readonly #maxTags: number
  readonly #invalidated = new Map<string, number>()
  #version = 1
  #floor = 0
  #lastTagVersion = 0

  constructor(maxTags: number) {
    this.#maxTags = maxTags
  }

  get version(): number {
    return this.#version
  }

  /** A new version, later than everything stored so far. */
  advance(): number {
    return ++this.#version
  }

  invalidate(tag: string): void {
    const version = this.advance()
    // Deleted first, so that the map stays in the order of invalidation.
    this.#invalidated.delete(tag)
    this.#invalidated.set(tag, version)
    this.#lastTagVersion = version
    if (this.#invalidated.size > this.#maxTags) {
      const [oldest, forgotten] = this.#invalidated.entries().next().value!
      this.#invalidated.delete(oldest)
      this.#floor = forgotten
    }
  }

  /** Whether none of the tags was invalidated after `version`. */
  isCurrent(version: number, tags: readonly string[]): boolean {
    if (version >= this.#lastTagVersion || tags.length === 0) return true
    if (version < this.#floor) return false
    for (const tag of tags) {
      const invalidated = this.#invalidated.get(tag)
      if (invalidated !== undefined && invalidated > version) return false
    }
    return true
  }
}
