/**
 * For caches in front of the service, such as the gateway's: what a response depends on, how long it may be kept, and what
 * a change makes stale (https://www.rfc-editor.org/rfc/rfc9111, and `Surrogate-Key` as content delivery networks have it).
 */

/** Browsers ask each time, and mostly get a 304: no purge reaches them. */
export const keptInFront = (ttlS: number, tags: readonly string[]): Record<string, string> => ({
  // Browsers would take stale-while-revalidate for themselves and show what was purged: it is for the gateway (RFC 9213).
  'cache-control': `public, max-age=0, s-maxage=${ttlS}`,
  'cdn-cache-control': `public, max-age=${ttlS}, stale-while-revalidate=60`,
  'surrogate-key': tags.join(' '),
})

/** On the answer to a change. The gateway acts on it and takes it off. */
export const staleInFront = (tags: readonly string[]): Record<string, string> => ({
  'surrogate-key-purge': tags.join(' '),
})
