import type { Socket } from 'node:net'
import { multiplexedOf, unfinishedResponse, type Connections } from '../proxy/connections.ts'
import type { Exchange } from '../proxy/exchange.ts'
import type { ProxyResponse } from '../proxy/proxy-response.ts'
import { tunnelOf } from '../proxy/tunnel.ts'
import { visitorAddress } from '../proxy/visitor-address.ts'
import type { OpenConnection, OpenConnections, OpenRequest } from './model.ts'

const MAX_PATH = 512

type VisitorSocket = Socket & { encrypted?: boolean }

/** Unique while it is open: both ends of a connection to one port. */
export const connectionId = (socket: Socket): string => `${socket.remoteAddress}:${socket.remotePort}`

/**
 * What is open now: connections with a request first, then idle ones, the oldest of each first, at most `limit`. Read from
 * sockets and exchanges when somebody asks; requests do nothing for it.
 */
export function listConnections(connections: Connections, limit: number): OpenConnections {
  const [busy, idle]: [OpenConnection[], OpenConnection[]] = [[], []]
  for (const [socket, since] of connections.open) {
    const exchanges = exchangesOf(socket)
    const list = exchanges.length === 0 ? idle : busy
    if (list.length < limit) list.push(describe(socket, since, exchanges))
    if (busy.length === limit) break
  }
  return { total: connections.size, connections: [...busy, ...idle].slice(0, limit) }
}

/** False: there is none of this name any more. */
export function closeConnection(connections: Connections, id: string): boolean {
  for (const socket of connections.open.keys()) {
    if (connectionId(socket) !== id) continue
    socket.destroy()
    return true
  }
  return false
}

function exchangesOf(socket: Socket): Exchange[] {
  const several = multiplexedOf(socket)
  if (several !== undefined) return [...several.exchanges()]
  const response = unfinishedResponse(socket) as ProxyResponse | undefined
  const exchange = response?.exchange ?? tunnelOf(socket)
  return exchange === undefined ? [] : [exchange]
}

function describe(socket: VisitorSocket, since: number, exchanges: readonly Exchange[]): OpenConnection {
  const tunnel = tunnelOf(socket) !== undefined
  const minor = exchanges[0]?.req.httpVersionMinor ?? 1
  return {
    id: connectionId(socket),
    address: socket.remoteAddress ?? 'unknown',
    port: socket.remotePort ?? 0,
    protocol: multiplexedOf(socket) !== undefined ? 'HTTP/2' : tunnel ? 'WebSocket' : `HTTP/1.${minor}`,
    tls: socket.encrypted === true,
    since,
    receivedBytes: socket.bytesRead,
    sentBytes: socket.bytesWritten,
    requests: exchanges.map((exchange) => describeRequest(exchange, tunnel)),
  }
}

export function describeRequest(exchange: Exchange, tunnel: boolean): OpenRequest {
  const { method, path, headers, pool, servedBy, writer, req, context, startedAt } = exchange
  const query = path.indexOf('?')
  return {
    method,
    host: headers.host ?? null,
    path: (query < 0 ? path : path.slice(0, query)).slice(0, MAX_PATH),
    client: visitorAddress(req.socket.remoteAddress, headers, context.policy),
    pool: pool.name,
    backend: servedBy?.id ?? null,
    state: tunnel ? 'tunnel' : writer.status > 0 ? 'answering' : servedBy === undefined ? 'queued' : 'sent',
    ageMs: Math.round(performance.now() - startedAt),
  }
}
