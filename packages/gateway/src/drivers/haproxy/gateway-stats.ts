import type { HistogramDelta } from '@millrace/core'
import type { BalanceAlgorithm } from '../../config.ts'
import type { BackendState, GatewayStats, GatewayTable } from '../driver.ts'
import type { PassiveWatch } from './passive-watch.ts'
import { poolSection, serverName } from './quote.ts'
import { serverAddress, type Server } from './servers.ts'
import type { Traffic } from './traffic.ts'

const STATES: Record<Server['state'], BackendState> = { ready: 'up', drain: 'draining', maint: 'down' }

/** HAProxy's numbers as those of a gateway. */
export function gatewayStats(
  table: GatewayTable,
  traffic: Traffic,
  of: {
    balance: BalanceAlgorithm
    state: (section: string, server: string) => Server['state']
    duration: (pool: string) => HistogramDelta
    watched: (backend: string) => ReturnType<PassiveWatch['state']>
  },
): GatewayStats {
  const pools = table.pools.map((pool) => {
    const section = poolSection(pool.name)
    const inFlight = traffic.now(section, 'BACKEND', 'scur')
    const { requests, retries } = traffic.totals(section, 'BACKEND')
    return {
      name: pool.name,
      balance: pool.balance ?? of.balance,
      inFlight,
      queued: traffic.queued(section),
      requests,
      retries,
      duration: of.duration(pool.name),
      backends: pool.backends.map((backend) => {
        const server = serverName(backend.id)
        const watched = of.watched(backend.id)
        const state = of.state(section, server)
        const totals = traffic.totals(section, server)
        return {
          id: backend.id,
          address: serverAddress(backend),
          state: watched?.out === true && state === 'maint' ? ('up' as const) : STATES[state],
          ejected: watched?.ejected === true || traffic.isDown(section, server),
          circuit: watched?.circuit ?? ('closed' as const),
          admitted: watched?.admitted ?? (state === 'ready' ? 1 : 0),
          latencyMs: traffic.now(section, server, 'rtime'),
          inFlight: traffic.now(section, server, 'scur'),
          requests: totals.requests,
          failures: totals.failures,
        }
      }),
    }
  })
  return {
    connections: traffic.now('visitors', 'FRONTEND', 'scur'),
    inFlight: traffic.inFlight(table),
    requests: pools.reduce((sum, { requests }) => sum + requests, 0),
    pools,
  }
}
