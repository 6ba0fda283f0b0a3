/** The third tier as the cache sees it: told what became stale, at once, and never asked. `EdgePurges` is one. */
export interface EdgeTier {
  purgeTags(tags: readonly string[]): void
  purgeEntry(namespace: string, id: string): void
  purgeNamespace(namespace: string): void
  /** A glob over `<namespace>:<identifier>`. */
  purgePattern(pattern: string): void
  purgeAll(): void
}
