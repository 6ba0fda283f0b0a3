import type { GatewayTable } from '../driver.ts'
import { poolSection } from './quote.ts'
import { count, type StatRow } from './stat-csv.ts'

/** Totals that only grow, of one section or server. */
interface Totals {
  requests: number
  failures: number
  retries: number
  bytes: number
  /** Answers below 500, and from 500 on. */
  good: number
  errors: number
  /** Of TLS, by visitors. */
  handshakes: number
  resumed: number
  failed: number
}

const NONE: Totals = {
  requests: 0,
  failures: 0,
  retries: 0,
  bytes: 0,
  good: 0,
  errors: 0,
  handshakes: 0,
  resumed: 0,
  failed: 0,
}
const key = (row: StatRow): string => `${row.get('pxname')}/${row.get('svname')}`

const totalsOf = (row: StatRow): Totals => ({
  requests: count(row, row.get('svname') === 'FRONTEND' ? 'req_tot' : 'stot'),
  failures: count(row, 'econ') + count(row, 'eresp'),
  retries: count(row, 'wretr') + count(row, 'wredis'),
  bytes: count(row, 'bout'),
  good: ['hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx'].reduce((total, name) => total + count(row, name), 0),
  errors: count(row, 'hrsp_5xx'),
  // Those that made a new session, and those that went on with one.
  handshakes: count(row, 'ssl_sess') + count(row, 'ssl_reused_sess'),
  resumed: count(row, 'ssl_reused_sess'),
  failed: count(row, 'ssl_failed_handshake'),
})

const sum = (a: Totals, b: Totals): Totals => ({
  requests: a.requests + b.requests,
  failures: a.failures + b.failures,
  retries: a.retries + b.retries,
  bytes: a.bytes + b.bytes,
  good: a.good + b.good,
  errors: a.errors + b.errors,
  handshakes: a.handshakes + b.handshakes,
  resumed: a.resumed + b.resumed,
  failed: a.failed + b.failed,
})

/**
 * Numbers of HAProxy over its reloads: the present worker and former ones that still answer somebody each count for
 * themselves, and what ended ones had counted when they were asked last is kept.
 */
export class Traffic {
  #workers = new Map<number, Map<string, Totals>>()
  readonly #ended = new Map<string, Totals>()
  #present: StatRow[][] = []

  /** Rows of every worker that runs, by its process id. */
  update(workers: ReadonlyMap<number, StatRow[]>): void {
    for (const [pid, rows] of this.#workers) {
      if (workers.has(pid)) continue
      for (const [name, totals] of rows) this.#ended.set(name, sum(this.#ended.get(name) ?? NONE, totals))
    }
    this.#workers = new Map(
      [...workers].map(([pid, rows]) => [pid, new Map(rows.map((row) => [key(row), totalsOf(row)]))]),
    )
    this.#present = [...workers.values()]
  }

  totals(section: string, server: string): Totals {
    const name = `${section}/${server}`
    let totals = this.#ended.get(name) ?? NONE
    for (const rows of this.#workers.values()) totals = sum(totals, rows.get(name) ?? NONE)
    return totals
  }

  /** What a server answered, and what it failed: 5xx, or no answer. */
  answers(section: string, server: string): { good: number; bad: number } {
    // What is tried again counts as a retry of the server that failed it, and only the last attempt as a failure.
    const { good, errors, failures, retries } = this.totals(section, server)
    return { good, bad: errors + failures + retries }
  }

  /** Of visitors; those that went on with a former session are among the first. */
  handshakes(): { handshakes: number; resumed: number; failed: number } {
    const { handshakes, resumed, failed } = this.totals('visitors', 'FRONTEND')
    return { handshakes, resumed, failed }
  }

  /** Of requests or connections at the moment. */
  now(section: string, server: string, column: string): number {
    let total = 0
    for (const rows of this.#present) {
      const row = rows.find((each) => each.get('svname') === server && each.get('pxname') === section)
      total += count(row, column)
    }
    return total
  }

  /** Requests that are at some server of the section, one that is no longer in any table included. */
  atServers(section: string): number {
    let total = 0
    for (const row of this.#present.flat()) {
      const server = row.get('svname')
      if (row.get('pxname') === section && server !== 'BACKEND' && server !== 'FRONTEND')
        total += count(row, 'scur')
    }
    return total
  }

  /** Those in HAProxy's queues, and those that wait for a server to be there at all. */
  queued(section: string): number {
    return Math.max(0, this.now(section, 'BACKEND', 'scur') - this.atServers(section))
  }

  /** Whether some worker cannot connect to it and leaves it out for the moment. */
  isDown(section: string, server: string): boolean {
    return this.#present
      .flat()
      .some(
        (row) =>
          row.get('pxname') === section &&
          row.get('svname') === server &&
          row.get('status')?.startsWith('DOWN') === true,
      )
  }

  /** Over all pools of the table. */
  inFlight(table: GatewayTable): number {
    return table.pools.reduce((sum, { name }) => sum + this.now(poolSection(name), 'BACKEND', 'scur'), 0)
  }
}
