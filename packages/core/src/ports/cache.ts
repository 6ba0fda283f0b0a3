export interface CacheEntryOptions {
  /** Milliseconds the value stays fresh. Default: the cache's own. */
  ttlMs?: number
  /** `invalidateTags` drops every entry that carries one of them. */
  tags?: readonly string[]
}

/**
 * The cache port. A key is a namespace and an identifier; values are what `structuredClone` accepts and are
 * returned as stored: treat them as frozen.
 */
export interface Cache {
  get<Value>(namespace: string, id: string): Promise<Value | undefined>
  set(namespace: string, id: string, value: unknown, options?: CacheEntryOptions): Promise<void>
  /**
   * Reads, or loads and stores. Concurrent calls for one key share one load. An invalidation that arrives while the
   * loader runs is not lost: that result is returned to its callers but not stored.
   */
  getOrSet<Value>(
    namespace: string,
    id: string,
    load: (signal: AbortSignal) => Promise<Value>,
    options?: CacheEntryOptions,
  ): Promise<Value>
  delete(namespace: string, id: string): Promise<boolean>
  /** Returns how many tags were invalidated, which is not the number of entries: those are never scanned. */
  invalidateTags(tags: readonly string[]): Promise<number>
  clear(namespace?: string): Promise<void>
}
