import type { EventBus, Logger, PurgeEvent } from '@millrace/core'
import type { CacheManager } from '../cache.ts'
import { HTTP_KEYSPACE } from '../config-http.ts'
import type { EdgePurges } from '../edge/purges.ts'
import type { SharedKeyspaces } from './keyspaces.ts'
import { invalidateOwn } from './own-cache.ts'
import { OWN_KEYSPACE } from './purge.ts'
import { invalidationOf, type PurgeScope } from './purge-scope.ts'

/** Who shares the store changes rarely; a burst of changed data must not look for it every time. */
const KEYSPACES_MS = 60_000
const INVALIDATE_LIMIT_MS = 2_000

export interface FollowedCaches {
  cache: CacheManager
  shared: SharedKeyspaces | undefined
  /** Told as well: what an application changes is outdated at the edge, too. */
  edge?: EdgePurges
  events: EventBus
  logger: Logger
  /** Said by ourselves, and done already. */
  own: WeakSet<object>
}

/** What others declare stale is stale in every cache: this process's, and that of every application. */
export function followEvents({ cache, shared, edge, events, logger, own }: FollowedCaches): () => void {
  const forget = async (scope: PurgeScope, soft = false): Promise<void> => {
    await invalidateOwn(cache, scope)
    if (shared === undefined) return
    try {
      const { names } = await shared.list({ maxAgeMs: KEYSPACES_MS })
      const others = names.filter((name) => name !== OWN_KEYSPACE && !(soft && name === HTTP_KEYSPACE))
      // Each on its own: one that is away must not keep the others from hearing of it.
      const told = await Promise.allSettled(
        others.map((name) =>
          shared.use(name, (store) =>
            shared.within(store.invalidate(invalidationOf(scope)!), INVALIDATE_LIMIT_MS),
          ),
        ),
      )
      const failed = told.find((outcome) => outcome.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    } catch (error) {
      logger.error(
        { err: error },
        'an invalidation did not reach every cache: entries may be served until their time is over',
      )
    }
  }
  const forgetTags = async (tags: readonly string[] | undefined, soft = false): Promise<void> => {
    if (tags === undefined || tags.length === 0) return
    await forget({ kind: 'tags', tags }, soft)
    edge?.purgeTags(tags)
  }
  const onPurge = async (event: PurgeEvent): Promise<void> => {
    if (own.has(event)) return
    if (event.all === true) {
      await forget({ kind: 'all' }, event.soft)
      edge?.purgeAll()
      return
    }
    await forgetTags(event.tags, event.soft)
    edge?.purgeUrls(event.urls ?? [])
  }
  const stops = [
    events.on('data.changed', ({ tags }) => forgetTags(tags)),
    events.on('purge.requested', onPurge),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
