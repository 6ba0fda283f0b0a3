/** Some of what a purge concerns, before it is made. */
export interface PurgePreview {
  /** Objects that the edge says would go; null when it cannot tell. */
  objects: number | null
  /** Some of their addresses, at most 20. */
  urls: readonly string[]
}

export type PurgeRequest =
  { kind: 'keys'; keys: readonly string[] } | { kind: 'urls'; urls: readonly string[] } | { kind: 'all' }

/**
 * Purging outwards: a CDN, an edge of our own, a Varnish in front. Each call resolves when the edge has accepted the
 * purge, which is not yet when every one of its places has followed, and rejects when it has not; a purge may be
 * repeated without harm. Callers batch, repeat and limit.
 */
export interface Purger {
  /** For logs and reports: `fastly`, `cloudflare`. */
  readonly name: string
  /** How many keys or addresses one call may carry. */
  readonly limits: { keysPerCall: number; urlsPerCall: number }
  /** By surrogate key, spelt as in the response's header. */
  purgeKeys(keys: readonly string[], signal?: AbortSignal): Promise<void>
  /** Absolute addresses. */
  purgeUrls(urls: readonly string[], signal?: AbortSignal): Promise<void>
  purgeAll(signal?: AbortSignal): Promise<void>
  /** Not every edge can. */
  preview?(what: PurgeRequest, signal?: AbortSignal): Promise<PurgePreview>
}
