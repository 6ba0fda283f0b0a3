import { gatewayErrors } from '../errors.ts'
import { barePrefix } from '../routing/router.ts'
import type { GatewayTable } from './driver.ts'

/** Throws GATEWAY_TABLE_INVALID with every problem at once. */
export function checkTable(table: GatewayTable): void {
  const problems: string[] = []
  const pools = new Set<string>()
  const backends = new Set<string>()
  for (const pool of table.pools) {
    if (pools.has(pool.name)) problems.push(`pool '${pool.name}' is there twice`)
    pools.add(pool.name)
    for (const { id, port, weight } of pool.backends) {
      if (backends.has(id)) problems.push(`backend '${id}' is there twice`)
      backends.add(id)
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        problems.push(`backend '${id}': port ${port} is not 1–65535`)
      }
      if (weight !== undefined && !(weight > 0 && Number.isFinite(weight))) {
        problems.push(`backend '${id}': weight ${weight} is not a positive number`)
      }
    }
  }
  const prefixes = new Set<string>()
  for (const { prefix, pool } of table.routes) {
    if (!prefix.startsWith('/') || /[\s?#]/.test(prefix)) {
      problems.push(`route '${prefix}' must start with / and have no space, ? or #`)
    }
    if (!pools.has(pool)) problems.push(`route '${prefix}' names the pool '${pool}', which is not there`)
    const bare = barePrefix(prefix)
    if (prefixes.has(bare)) problems.push(`route '${prefix}' is there twice`)
    prefixes.add(bare)
  }
  if (problems.length > 0) throw gatewayErrors.TABLE_INVALID({ problems })
}
