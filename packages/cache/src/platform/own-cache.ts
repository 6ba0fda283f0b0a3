import type { CacheManager } from '../cache.ts'
import type { PurgeScope } from './purge-scope.ts'

/** How many entries of this process's memory a purge concerns; null: they would have to be looked at one by one. */
export function countOwn(cache: CacheManager, scope: PurgeScope): number | null {
  const { entries, namespaces } = cache.stats()
  if (entries === 0) return 0
  switch (scope.kind) {
    case 'all':
      return entries
    case 'namespace':
      return namespaces.find(({ name }) => name === scope.namespace)?.entries ?? 0
    case 'key':
      return cache.has(scope.namespace, scope.id) ? 1 : 0
    default:
      return null
  }
}

export async function invalidateOwn(cache: CacheManager, scope: PurgeScope): Promise<void> {
  if (scope.kind === 'key') await cache.delete(scope.namespace, scope.id)
  else if (scope.kind === 'namespace') await cache.clear(scope.namespace)
  else if (scope.kind === 'pattern') await cache.delPattern(scope.pattern)
  else if (scope.kind === 'tags') await cache.invalidateTags(scope.tags)
  else if (scope.kind === 'all') await cache.clear()
}
