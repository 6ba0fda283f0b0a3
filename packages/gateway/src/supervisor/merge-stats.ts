import { mergeHistograms } from '@millrace/core/metrics'
import type {
  BackendStats,
  CacheStats,
  CircuitState,
  GatewayStats,
  PoolStats,
  SplitStats,
  TlsStats,
} from '../drivers/driver.ts'

const sum = <Item>(items: readonly Item[], read: (item: Item) => number): number =>
  items.reduce((total, item) => total + read(item), 0)

function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[][] {
  return [...Map.groupBy(items, key).values()]
}

/** Each worker has a circuit of its own: one that is not closed is what there is to see. */
const worse = (one: CircuitState, other: CircuitState): CircuitState =>
  CIRCUIT_SEVERITY.indexOf(one) < CIRCUIT_SEVERITY.indexOf(other) ? other : one
const CIRCUIT_SEVERITY: readonly CircuitState[] = ['closed', 'recovering', 'open']

const mergeBackend = (parts: BackendStats[]): BackendStats => ({
  ...parts[0]!,
  ejected: parts.every((part) => part.ejected),
  circuit: parts.map(({ circuit }) => circuit).reduce(worse),
  admitted: sum(parts, (part) => part.admitted) / parts.length,
  latencyMs: Math.max(...parts.map(({ latencyMs }) => latencyMs)),
  inFlight: sum(parts, (part) => part.inFlight),
  requests: sum(parts, (part) => part.requests),
  failures: sum(parts, (part) => part.failures),
})

const mergePool = (parts: PoolStats[]): PoolStats => ({
  name: parts[0]!.name,
  balance: parts[0]!.balance,
  inFlight: sum(parts, (part) => part.inFlight),
  queued: sum(parts, (part) => part.queued),
  requests: sum(parts, (part) => part.requests),
  retries: sum(parts, (part) => part.retries),
  duration: mergeHistograms(parts.map((part) => part.duration)),
  backends: groupBy(
    parts.flatMap((part) => part.backends),
    (backend) => backend.id,
  ).map(mergeBackend),
})

function mergeCaches(parts: readonly CacheStats[]): CacheStats | undefined {
  const [first] = parts
  if (first === undefined) return undefined
  const total = { ...first }
  for (const key of Object.keys(first) as (keyof CacheStats)[]) total[key] = sum(parts, (part) => part[key])
  return total
}

const mergeSplit = (parts: SplitStats[]): SplitStats => ({
  ...parts[0]!,
  parts: groupBy(
    parts.flatMap((split) => split.parts),
    (part) => part.pool,
  ).map((same) => ({
    ...same[0]!,
    requests: sum(same, (part) => part.requests),
    errors: sum(same, (part) => part.errors),
    duration: mergeHistograms(same.map((part) => part.duration)),
  })),
})

/** All of them look at the same files. */
const mergeTls = (parts: readonly TlsStats[]): TlsStats | undefined =>
  parts[0] && {
    certificates: parts[0].certificates,
    handshakes: sum(parts, (part) => part.handshakes),
    resumed: sum(parts, (part) => part.resumed),
    failed: sum(parts, (part) => part.failed),
  }

/** Adds what several workers saw. A backend counts as ejected when all of them have ejected it. */
export function mergeStats(workers: readonly GatewayStats[]): GatewayStats {
  const cache = mergeCaches(workers.flatMap((worker) => worker.cache ?? []))
  const splits = groupBy(
    workers.flatMap((worker) => worker.splits ?? []),
    (split) => split.name,
  ).map(mergeSplit)
  const tls = mergeTls(workers.flatMap((worker) => worker.tls ?? []))
  return {
    connections: sum(workers, (worker) => worker.connections),
    inFlight: sum(workers, (worker) => worker.inFlight),
    requests: sum(workers, (worker) => worker.requests),
    pools: groupBy(
      workers.flatMap((worker) => worker.pools),
      (pool) => pool.name,
    ).map(mergePool),
    ...(cache === undefined ? {} : { cache }),
    ...(splits.length === 0 ? {} : { splits }),
    ...(tls === undefined ? {} : { tls }),
  }
}
