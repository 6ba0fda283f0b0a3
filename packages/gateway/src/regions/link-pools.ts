import type { GatewayTable } from '../drivers/driver.ts'
import { gatewayErrors } from '../errors.ts'
import type { BackendPool } from '../pools/pool.ts'
import { Elsewhere } from './elsewhere.ts'
import type { Regions } from './regions.ts'

/** Throws GATEWAY_TABLE_INVALID for pools that name regions in an engine that has none. */
export function checkRegionsConfigured(table: GatewayTable, regions: Regions | undefined): void {
  const problems = table.pools
    .filter(({ regions: named }) => named !== undefined && regions === undefined)
    .map(({ name }) => `pool '${name}': 'regions' needs the engine's setting regions.peers`)
  if (problems.length > 0) throw gatewayErrors.TABLE_INVALID({ problems })
}

/** Tells each pool where its requests go when it cannot answer. */
export function linkRegions(
  table: GatewayTable,
  pools: ReadonlyMap<string, BackendPool>,
  regions: Regions | undefined,
): void {
  for (const { name, regions: named } of table.pools) {
    const pool = pools.get(name)!
    const target = named === undefined ? undefined : pools.get(named)
    if (target === undefined || regions === undefined) pool.elsewhere = undefined
    else if (pool.elsewhere?.pool !== target) pool.elsewhere = new Elsewhere(pool, target, regions)
  }
}
