import type { RangeSpec } from '../../../api/client.ts'
import { PERCENTILES } from '../traffic.ts'

type Aggregate = RangeSpec['aggregate']

const spec = (
  metric: string,
  aggregate: Aggregate,
  service: string,
  by: readonly string[],
  where: Readonly<Record<string, string>> = {},
): RangeSpec => ({
  metric: `millrace_cache_${metric}`,
  aggregate,
  where: service === '' ? where : { ...where, service },
  ...(by.length === 0 ? {} : { by }),
})

/** Counted by the gateway, whichever cache is behind it. */
const HTTP_REQUESTS: RangeSpec = {
  metric: 'millrace_gateway_cache_requests_total',
  aggregate: 'sum',
  by: ['status'],
}
const HTTP_SAVED: RangeSpec = { metric: 'millrace_gateway_cache_response_bytes_total', aggregate: 'sum' }

export interface CacheSpecs {
  /** Hits by tier, then misses: as rates for lines. */
  reads: RangeSpec[]
  readsByNamespace: RangeSpec[]
  memoryGet: RangeSpec[]
  memorySet: RangeSpec[]
  sharedGet: RangeSpec[]
  sharedSet: RangeSpec[]
  sharedErrors: RangeSpec[]
  /** By namespace, then the limit. */
  size: RangeSpec[]
  entries: RangeSpec[]
  evictions: RangeSpec[]
  /** Stampedes avoided, early refreshes, stale values served. */
  spared: RangeSpec[]
  http: RangeSpec[]
  httpSaved: RangeSpec[]
  /** For the tiles: hits and misses as counts, then levels and rates. */
  totals: RangeSpec[]
  /** For the table of namespaces. */
  namespaceTotals: RangeSpec[]
}

/** Everything the tab asks, for one service, or for all when it is the empty text. */
export function cacheSpecs(service: string): CacheSpecs {
  const latency = (tier: string, operation: string): RangeSpec[] =>
    PERCENTILES.map((percentile) =>
      spec('operation_duration_seconds', percentile, service, [], { tier, operation }),
    )
  const namespaces = ['service', 'namespace']
  return {
    reads: [spec('hits_total', 'rate', service, ['tier']), spec('misses_total', 'rate', service, [])],
    readsByNamespace: [
      spec('hits_total', 'rate', service, ['namespace']),
      spec('misses_total', 'rate', service, ['namespace']),
    ],
    memoryGet: latency('memory', 'get'),
    memorySet: latency('memory', 'set'),
    sharedGet: latency('shared', 'get'),
    sharedSet: latency('shared', 'set'),
    sharedErrors: [spec('shared_errors_total', 'rate', service, ['reason'])],
    size: [spec('size_bytes', 'sum', service, ['namespace']), spec('max_size_bytes', 'sum', service, [])],
    entries: [spec('entries', 'sum', service, ['namespace']), spec('max_entries', 'sum', service, [])],
    evictions: [spec('evictions_total', 'rate', service, ['namespace'])],
    spared: [
      spec('stampedes_avoided_total', 'rate', service, []),
      spec('early_refreshes_total', 'rate', service, []),
      spec('stale_served_total', 'rate', service, []),
    ],
    http: [{ ...HTTP_REQUESTS, aggregate: 'rate' }],
    httpSaved: [{ ...HTTP_SAVED, aggregate: 'rate' }],
    totals: [
      spec('hits_total', 'sum', service, []),
      spec('misses_total', 'sum', service, []),
      spec('hits_total', 'rate', service, []),
      spec('misses_total', 'rate', service, []),
      spec('size_bytes', 'sum', service, []),
      spec('evictions_total', 'rate', service, []),
      spec('stampedes_avoided_total', 'sum', service, []),
    ],
    namespaceTotals: [
      spec('hits_total', 'sum', service, [...namespaces, 'tier']),
      spec('misses_total', 'sum', service, namespaces),
      spec('evictions_total', 'sum', service, namespaces),
      spec('stampedes_avoided_total', 'sum', service, namespaces),
      spec('size_bytes', 'sum', service, namespaces),
      spec('entries', 'sum', service, namespaces),
    ],
  }
}

/** Over the range: how the gateway's cache answered, and the bytes it saved. */
export const HTTP_TOTALS: RangeSpec[] = [HTTP_REQUESTS, HTTP_SAVED]
