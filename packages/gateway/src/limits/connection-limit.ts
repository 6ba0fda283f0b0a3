import type { Server, Socket } from 'node:net'
import { networkOf } from '../balancing/hash.ts'

/**
 * Closes connections at once from an address that has `limit` already, IPv6 by /64. Trusted proxies are not counted: their
 * connections carry many visitors.
 */
export function limitConnections(
  server: Server,
  limit: number,
  trusted: (address: string | undefined) => boolean,
  refused: () => void,
): void {
  const open = new Map<string, number>()
  server.prependListener('connection', (socket: Socket) => {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || trusted(remoteAddress)) return
    const network = networkOf(remoteAddress)
    const count = open.get(network) ?? 0
    if (count >= limit) {
      refused()
      socket.destroy()
      return
    }
    open.set(network, count + 1)
    socket.once('close', () => {
      const left = open.get(network)! - 1
      if (left === 0) open.delete(network)
      else open.set(network, left)
    })
  })
}
