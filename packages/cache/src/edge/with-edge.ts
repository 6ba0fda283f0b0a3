import type { Cache } from '@millrace/core'
import type { EdgePurges } from './purges.ts'

/** A cache whose invalidations reach the edge, too: first the inner tiers, so that the edge's next request finds nothing old there. */
export type EdgedCache = Cache & { delPattern(pattern: string): Promise<number> }

/**
 * The same cache with the edge as its third tier. The returned promises wait for the inner tiers only: purges are queued,
 * see `EdgePurges`. `set` purges as well, because what the edge holds was made from the value before.
 */
export function withEdge(cache: EdgedCache, edge: EdgePurges): EdgedCache {
  return {
    get: (namespace, id) => cache.get(namespace, id),
    getOrSet: (namespace, id, load, options) => cache.getOrSet(namespace, id, load, options),
    set: (namespace, id, value, options) =>
      afterwards(cache.set(namespace, id, value, options), () => edge.purgeEntry(namespace, id)),
    delete: (namespace, id) => afterwards(cache.delete(namespace, id), () => edge.purgeEntry(namespace, id)),
    delPattern: (pattern) => afterwards(cache.delPattern(pattern), () => edge.purgePattern(pattern)),
    invalidateTags: (tags) => afterwards(cache.invalidateTags(tags), () => edge.purgeTags(tags)),
    clear: (namespace) =>
      afterwards(cache.clear(namespace), () => {
        if (namespace === undefined) edge.purgeAll()
        else edge.purgeNamespace(namespace)
      }),
  }
}

async function afterwards<Result>(inner: Promise<Result>, purge: () => void): Promise<Result> {
  const result = await inner
  purge()
  return result
}
