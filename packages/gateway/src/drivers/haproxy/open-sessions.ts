import type { Clock } from '@millrace/core'
import type { OpenConnections } from '../../connections-view/model.ts'
import { gatewayErrors } from '../../errors.ts'
import type { HaproxyProcess } from './haproxy-process.ts'
import { parseSessions, withTransport } from './sessions.ts'

const POLL_MS = 20
/** More than HAProxy makes. */
const RETRIES = 5

/** Requests in progress only, and without their paths: idle connections are none of what HAProxy lists. */
export async function openSessions(
  process: HaproxyProcess | undefined,
  limit: number,
  tls: boolean,
): Promise<OpenConnections> {
  if (process?.ready !== true) return { total: 0, connections: [] }
  const found = parseSessions(await process.ask('show sess'), limit)
  if (!tls || found.connections.length === 0) return found
  const details = found.connections.map(({ id }) => process.ask(`show sess ${id}`))
  return withTransport(found, await Promise.all(details))
}

/** Rejects with GATEWAY_CONNECTION_UNKNOWN. */
export async function cutSession(
  process: HaproxyProcess | undefined,
  id: string,
  clock: Clock,
): Promise<void> {
  const isOpen = async (): Promise<boolean> =>
    (await openSessions(process, Infinity, false)).connections.some((connection) => connection.id === id)
  if (!(await isOpen())) throw gatewayErrors.CONNECTION_UNKNOWN({ connection: id })
  // A request that has no answer yet is sent again, as after any failure, until it has no more attempts.
  for (let attempt = 0; attempt <= RETRIES && (await isOpen()); attempt++) {
    await process!.ask(`shutdown session ${id}`)
    await clock.sleep(POLL_MS)
  }
}
