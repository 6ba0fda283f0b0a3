import { gatewayErrors } from '../errors.ts'
import { checkPools } from '../pools/check-pools.ts'
import { checkRegions } from '../regions/region-table.ts'
import { checkRoutes } from '../routing/check-routes.ts'
import { isBackendHost } from '../routing/host-pattern.ts'
import type { GatewayTable } from './driver.ts'

/** Sums and quotients of weights stay numbers: those of 1e308 are not, and the first backend would get everything. */
const MIN_WEIGHT = 0.000_001
const MAX_WEIGHT = 1_000_000_000

/** Throws GATEWAY_TABLE_INVALID with every problem at once. */
export function checkTable(table: GatewayTable): void {
  const problems: string[] = []
  const pools = new Set<string>()
  const backends = new Set<string>()
  for (const pool of table.pools) {
    if (pools.has(pool.name)) problems.push(`pool '${pool.name}' is there twice`)
    pools.add(pool.name)
    for (const { id, host, port, weight } of pool.backends) {
      if (backends.has(id)) problems.push(`backend '${id}' is there twice`)
      backends.add(id)
      if (!isBackendHost(host))
        problems.push(`backend '${id}': host '${host}' is not an address or a host name`)
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        problems.push(`backend '${id}': port ${port} is not 1–65535`)
      }
      if (weight !== undefined && !(weight >= MIN_WEIGHT && weight <= MAX_WEIGHT)) {
        problems.push(`backend '${id}': weight ${weight} is not a number from ${MIN_WEIGHT} to ${MAX_WEIGHT}`)
      }
    }
  }
  problems.push(...checkRoutes(table), ...checkPools(table), ...checkRegions(table))
  if (problems.length > 0) throw gatewayErrors.TABLE_INVALID({ problems })
}
