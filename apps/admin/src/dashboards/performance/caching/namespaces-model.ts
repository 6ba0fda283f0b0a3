import type { Total } from '../../../api/client.ts'

export interface NamespaceRow {
  key: string
  service: string
  namespace: string
  reads: number
  hitRatio: number | null
  /** Of all reads: answered from memory, from the shared tier. */
  memory: number | null
  shared: number | null
  evictions: number
  stampedesAvoided: number
  /** Mean over the range, over all processes of the service. */
  bytes: number | null
  entries: number | null
}

type Lists = readonly (readonly Total[])[]

/** One row per service and namespace, from the totals of `namespaceTotals`. */
export function namespaceRows([
  hits = [],
  misses = [],
  evictions = [],
  spared = [],
  size = [],
  entries = [],
]: Lists): NamespaceRow[] {
  const keyOf = ({ labels }: Pick<Total, 'labels'>): string =>
    `${labels['service'] ?? ''} ${labels['namespace'] ?? ''}`
  const sum = (list: readonly Total[], key: string, tier?: string): number =>
    list
      .filter((total) => keyOf(total) === key && (tier === undefined || total.labels['tier'] === tier))
      .reduce((all, { value }) => all + value, 0)
  const level = (list: readonly Total[], key: string): number | null =>
    list.some((total) => keyOf(total) === key) ? sum(list, key) : null
  const heads = new Map([...hits, ...misses, ...entries].map((total) => [keyOf(total), total.labels]))
  return [...heads].map(([key, labels]) => {
    const hit = sum(hits, key)
    const reads = hit + sum(misses, key)
    const share = (part: number): number | null => (reads === 0 ? null : part / reads)
    return {
      key,
      service: labels['service'] ?? '',
      namespace: labels['namespace'] ?? '',
      reads,
      hitRatio: share(hit),
      memory: share(sum(hits, key, 'memory')),
      shared: share(sum(hits, key, 'shared')),
      evictions: sum(evictions, key),
      stampedesAvoided: sum(spared, key),
      bytes: level(size, key),
      entries: level(entries, key),
    }
  })
}
