import type { Server, Socket } from 'node:net'
import { networkOf } from '../balancing/hash.ts'

/**
 * Closes connections at once from an address that has `limit` already, IPv6 by /64. Trusted proxies are not counted: their
 * connections carry many visitors.
 */
export function limitConnections(
  servers: readonly Server[],
  limit: number,
  trusted: (address: string | undefined) => boolean,
  refused: () => void,
): void {
  const open = new Map<string, number>()
  const count = (socket: Socket): void => {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || trusted(remoteAddress)) return
    const network = networkOf(remoteAddress)
    const present = open.get(network) ?? 0
    if (present >= limit) {
      refused()
      socket.destroy()
      return
    }
    open.set(network, present + 1)
    socket.once('close', () => {
      const left = open.get(network)! - 1
      if (left === 0) open.delete(network)
      else open.set(network, left)
    })
  }
  for (const server of servers) server.prependListener('connection', count)
}

/** Closes connections at once beyond so many of all servers together. */
export function limitTogether(servers: readonly Server[], limit: number, size: () => number): void {
  const look = (socket: Socket): void => {
    if (size() >= limit) socket.destroy()
  }
  for (const server of servers) server.prependListener('connection', look)
}
