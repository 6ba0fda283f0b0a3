import type { RequestListener, Server } from 'node:http'
import type { GatewayTable, PoolEntry } from '../../drivers/driver.ts'
import type { Fixture } from '../fixture.ts'

/** Backends that count, each with a listener of its own. */
export interface Tallied {
  /** Requests per backend. */
  counts: number[]
  table: GatewayTable
  /** The same with other settings of the pool. */
  with(extra: Partial<PoolEntry>): GatewayTable
}

/** A pool `app` of backends `app/1`, `app/2` … that answer with the listeners, or with their id. */
export async function talliedPool(
  fixture: Fixture,
  listeners: readonly (RequestListener | undefined)[],
  extra: Partial<PoolEntry> = {},
  configure?: (server: Server) => void,
): Promise<Tallied> {
  const counts = listeners.map(() => 0)
  const backends: PoolEntry['backends'][number][] = []
  for (const [index, listener] of listeners.entries()) {
    const id = `app/${index + 1}`
    const port = await fixture.backend((req, res) => {
      counts[index]!++
      if (listener === undefined) res.end(id)
      else listener(req, res)
    }, configure)
    backends.push({ id, host: '127.0.0.1', port })
  }
  const tableWith = (further: Partial<PoolEntry>): GatewayTable => ({
    routes: [{ prefix: '/', pool: 'app' }],
    pools: [{ name: 'app', backends, ...extra, ...further }],
  })
  return { counts, table: tableWith({}), with: tableWith }
}
