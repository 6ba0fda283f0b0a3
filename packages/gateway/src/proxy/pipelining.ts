import type { Socket } from 'node:net'
import type { EngineConfig } from '../config.ts'
import type { VisitorRequest, VisitorResponse } from './visitor.ts'

/** How many requests of a connection wait behind another one. Only connections that pipeline are here. */
const waiting = new WeakMap<Socket, number>()

const count = (socket: Socket): number => waiting.get(socket) ?? 0

/**
 * Counts a request that came before the one ahead of it was answered; false when there are too many. Otherwise one
 * connection could send thousands at once and take every place at the backends.
 */
export function mayPipeline(req: VisitorRequest, res: VisitorResponse, config: EngineConfig): boolean {
  const { socket } = req
  if (count(socket) + 1 >= config.limits.pipelined) return false
  waiting.set(socket, count(socket) + 1)
  res.once('close', () => waiting.set(socket, count(socket) - 1))
  limitSilence(req, config)
  return true
}

/**
 * While a visitor is served, silence is the backend's affair. Not when requests are waiting behind: Node stops reading
 * from a connection whose answers pile up, and would never learn that the visitor has left.
 */
export function limitSilence({ stream, socket }: VisitorRequest, config: EngineConfig): void {
  if (stream !== undefined) stream.setTimeout(0)
  else socket.setTimeout(count(socket) > 0 ? config.timeouts.idleMs : 0)
}
