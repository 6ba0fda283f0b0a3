import { isIP } from 'node:net'
import type { EngineConfig } from '../../config.ts'
import { gatewayErrors } from '../../errors.ts'
import { barePrefix } from '../../routing/router.ts'
import type { BackendEntry, GatewayTable, PoolEntry, RouteEntry } from '../driver.ts'
import { nameOf } from '../../routing/check-routes.ts'
import { balanceLines, balanceOf } from './balance.ts'
import { conditionProblems } from './conditions.ts'
import { limitProblems } from './limits.ts'
import { MAX_STRIPPED_SEGMENTS } from './routes-map.ts'

// Written so that a field that is new in the contract is refused here until it is either built or named.
const ROUTE: Record<string, true> = {
  prefix: true,
  pool: true,
  stripPrefix: true,
  access: true,
  rateLimit: true,
  host: true,
  methods: true,
  headers: true,
  countries: true,
  split: true,
} satisfies {
  [Key in keyof RouteEntry]?: true
}
const POOL: Record<string, true> = {
  name: true,
  balance: true,
  cache: true,
  sticky: true,
  protocol: true,
  breaker: true,
  outlier: true,
  backends: true,
} satisfies {
  [Key in keyof PoolEntry]?: true
}
const BACKEND: Record<string, true> = {
  id: true,
  host: true,
  port: true,
  protocol: true,
  weight: true,
  state: true,
  maxConnections: true,
} satisfies { [Key in keyof BackendEntry]?: true }

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?$/
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029]/

function unknownIn(what: string, entry: object, known: Record<string, true>): string[] {
  return Object.entries(entry)
    .filter(([key, value]) => value !== undefined && known[key] !== true)
    .map(([key]) => `${what}: '${key}' is not a feature of the engine 'haproxy'`)
}

/** Throws GATEWAY_TABLE_INVALID with everything that this engine cannot do: nothing is ignored in silence. */
export function checkFeatures(table: GatewayTable, config: EngineConfig): void {
  const problems: string[] = []
  for (const route of table.routes) {
    const what = nameOf(route)
    problems.push(
      ...unknownIn(what, route, ROUTE),
      ...[...conditionProblems(route, config.geography.database !== undefined), ...limitProblems(route)].map(
        (problem) => `${what}: ${problem}`,
      ),
    )
    if (CONTROL.test(route.prefix)) problems.push(`${what} has a control character`)
    const depth = barePrefix(route.prefix).split('/').length - 1
    if (route.stripPrefix === true && depth > MAX_STRIPPED_SEGMENTS)
      problems.push(
        `${what}: 'stripPrefix' of more than ${MAX_STRIPPED_SEGMENTS} segments is not a feature of the engine 'haproxy'`,
      )
  }
  for (const pool of table.pools) {
    problems.push(...unknownIn(`pool '${pool.name}'`, pool, POOL))
    if (pool.breaker?.latencyMs !== undefined)
      problems.push(`pool '${pool.name}': 'breaker.latencyMs' is not a feature of the engine 'haproxy'`)
    if (pool.name === '') problems.push('a pool has no name')
    const balance = balanceOf(pool, config)
    if (balanceLines(balance) === undefined)
      problems.push(`pool '${pool.name}': 'balance' ${balance} is not a feature of the engine 'haproxy'`)
    for (const backend of pool.backends) {
      problems.push(...unknownIn(`backend '${backend.id}'`, backend, BACKEND))
      if (backend.id === '') problems.push(`a backend of pool '${pool.name}' has no id`)
      if (isIP(backend.host) === 0 && !HOST_NAME.test(backend.host))
        problems.push(`backend '${backend.id}': host '${backend.host}' is neither a name nor an address`)
    }
  }
  if (problems.length > 0) throw gatewayErrors.TABLE_INVALID({ problems })
}
