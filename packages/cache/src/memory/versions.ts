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
  #suspectBefore = 0
  /** Of the two above: what is at least as new needs no look-up. */
  #settled = 0

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
    this.#settled = version
    if (this.#invalidated.size > this.#maxTags) {
      const [oldest, forgotten] = this.#invalidated.entries().next().value!
      this.#invalidated.delete(oldest)
      this.#floor = forgotten
    }
  }

  /** Invalidations of other processes were missed: nothing older than this is sure any more. */
  suspect(): void {
    this.#suspectBefore = this.advance()
    this.#settled = this.#suspectBefore
  }

  /** Whether none of the tags was invalidated after `version`, and nothing was missed since. */
  isCurrent(version: number, tags: readonly string[]): boolean {
    if (version >= this.#settled) return true
    return version >= this.#suspectBefore && !this.isInvalidated(version, tags)
  }

  /** Whether one of the tags was invalidated after `version`, as far as this process knows. */
  isInvalidated(version: number, tags: readonly string[]): boolean {
    if (version >= this.#lastTagVersion || tags.length === 0) return false
    if (version < this.#floor) return true
    for (const tag of tags) {
      const invalidated = this.#invalidated.get(tag)
      if (invalidated !== undefined && invalidated > version) return true
    }
    return false
  }
}
