import type { Ports, PurgeEvent, Purger } from '@millrace/core'
import { LEVEL_WINDOW_MS } from './metric-reads.ts'
import type { TierReport } from './purge-report.ts'
import type { PurgeScope } from './purge-scope.ts'

/** What caches outside of the cache package are told; undefined: it does not concern them. */
export function eventOf(scope: PurgeScope, soft: boolean): PurgeEvent | undefined {
  const how = soft ? { soft } : {}
  switch (scope.kind) {
    case 'tags':
      return { tags: scope.tags, ...how }
    case 'url':
      return { urls: [scope.url], ...how }
    case 'prefix':
      return { prefixes: [scope.prefix], ...how }
    case 'all':
      return { all: true, ...how }
    default:
      return undefined
  }
}

/** Counted by the gateway, for which the cache behind it is one of several that it could have. */
const GATEWAY_ENTRIES = 'millrace_gateway_cache_entries'

/** Responses that the gateway's workers hold, as they report; undefined: none of them has a cache. */
export async function gatewayEntries(ports: Ports): Promise<number | undefined> {
  const readings = await ports
    .find('metricReader')
    ?.latest({ metric: GATEWAY_ENTRIES, aggregate: 'sum', windowMs: LEVEL_WINDOW_MS })
    // Not being able to count is no reason not to purge.
    .catch(() => undefined)
  const entries = readings?.[0]?.value
  return entries === undefined ? undefined : Math.round(entries)
}

/** The gateway's HTTP cache: told by an event, acts by itself. */
export function reportHttp(
  event: PurgeEvent,
  entries: number | undefined,
  preview: boolean,
): TierReport | undefined {
  if (entries === undefined) return undefined
  const all = event.all === true
  return {
    tier: 'http',
    keyspace: 'gateway',
    outcome: preview ? 'would-purge' : 'requested',
    entries: all ? entries : null,
    exact: false,
    note: all
      ? 'As the gateway’s workers reported a few seconds ago.'
      : `Which of about ${entries} responses match is known to the gateway’s workers only; each is told.`,
  }
}

const EDGE_LIMIT_MS = 30_000

/** The edge: a CDN or a cache in front, behind the port `purger`. */
export async function purgeEdge(
  purger: Purger,
  scope: PurgeScope,
  preview: boolean,
  signal: AbortSignal,
): Promise<TierReport | undefined> {
  const base = { tier: 'edge', keyspace: purger.name, entries: null, exact: false } as const
  if (scope.kind === 'prefix') {
    const note =
      'An edge purges keys, single addresses or everything: purge a tag that these responses carry.'
    return { ...base, outcome: 'unreached', note }
  }
  if (scope.kind !== 'tags' && scope.kind !== 'url' && scope.kind !== 'all') return undefined
  const limit = AbortSignal.any([signal, AbortSignal.timeout(EDGE_LIMIT_MS)])
  if (preview) {
    const found = await purger.preview?.(requestOf(scope), limit)
    const known = typeof found?.objects === 'number'
    const note = known ? 'As the edge says.' : 'This edge does not say in advance what a purge concerns.'
    return { ...base, outcome: 'would-purge', entries: found?.objects ?? null, exact: known, note }
  }
  if (scope.kind === 'all') await purger.purgeAll(limit)
  else if (scope.kind === 'url') await purger.purgeUrls([scope.url], limit)
  else {
    const { keysPerCall } = purger.limits
    for (let at = 0; at < scope.tags.length; at += keysPerCall)
      await purger.purgeKeys(scope.tags.slice(at, at + keysPerCall), limit)
  }
  return { ...base, outcome: 'purged', note: 'Accepted by the edge, which follows place by place.' }
}

const requestOf = (scope: Extract<PurgeScope, { kind: 'tags' | 'url' | 'all' }>) =>
  scope.kind === 'tags'
    ? ({ kind: 'keys', keys: scope.tags } as const)
    : scope.kind === 'url'
      ? ({ kind: 'urls', urls: [scope.url] } as const)
      : ({ kind: 'all' } as const)
