import type { BackendEntry, GatewayTable, PoolEntry } from '../drivers/driver.ts'
import type { PeerState } from './peer-state.ts'

/** `@` is in no application's name. */
const SUFFIX = '@regions'
const regionPoolOf = (application: string): string => `${application}${SUFFIX}`

/** Whether the pool is one of regions instead of instances. */
export const isRegionPool = (pool: string): boolean => pool.endsWith(SUFFIX)

/** Ports that an address leaves out. */
const portOf = ({ protocol, port }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)

/** So far apart, weights of the smooth round robin are an order: the next one gets what the one before it cannot take. */
const STEP = 1e-6

/**
 * Adds to the pool of each application one of the regions that can answer for it, nearest first. A region that cannot, or does not
 * answer, is in it as down.
 */
export function withRegions(
  table: GatewayTable,
  applications: ReadonlySet<string>,
  peers: readonly PeerState[],
): GatewayTable {
  if (peers.length === 0) return table
  const pools: PoolEntry[] = []
  for (const pool of table.pools) {
    if (!applications.has(pool.name)) {
      pools.push(pool)
      continue
    }
    const name = regionPoolOf(pool.name)
    const backends = peers.map((state, at): BackendEntry => {
      const url = new URL(state.peer.url)
      return {
        id: `${pool.name}@${state.peer.name}`,
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: portOf(url),
        protocol: url.protocol === 'https:' ? 'https' : 'http',
        weight: STEP ** at,
        state: state.takes(pool.name) ? 'up' : 'down',
        zone: state.peer.name,
      }
    })
    pools.push({ ...pool, regions: name }, { name, balance: 'weighted-round-robin', cache: false, backends })
  }
  return { ...table, pools }
}

/** Problems of what pools say about regions, each naming its field. */
export function checkRegions({ pools }: GatewayTable): string[] {
  const names = new Map(pools.map((pool) => [pool.name, pool]))
  return pools.flatMap(({ name, regions }) => {
    if (regions === undefined) return []
    const target = names.get(regions)
    if (target === undefined || regions === name)
      return [`pool '${name}': regions '${regions}' is not another pool of the table`]
    return target.regions === undefined
      ? []
      : [`pool '${name}': regions '${regions}' would hand requests on once more`]
  })
}
