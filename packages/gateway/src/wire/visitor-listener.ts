import { createServer, type Server } from 'node:net'
import { openFilesLimit, visitorsWithin } from '../proxy/descriptor-limit.ts'
import type { ProxyContext } from '../proxy/proxy-context.ts'
import type { RequestHandler } from '../proxy/request-handler.ts'
import type { ListenerContext } from './listener-context.ts'
import { elapsedSince } from './sweep-clock.ts'
import { VisitorConnection } from './visitor-connection.ts'

/** Fewer than this for want of descriptors is worth a line in the log. */
const FEW_CONNECTIONS = 2_000
/** What a visitor who was told to go gets to read it. */
const CLOSING_MS = 2_000
/** A request may be on its way when the announced time is over. */
const KEEP_ALIVE_GRACE_MS = 1_000

/** The server towards visitors of HTTP/1.1 without TLS that reads requests itself; it does not listen yet. */
export function createVisitorListener(context: ProxyContext, handler: RequestHandler): Server {
  const { limits, timeouts } = context.config
  const connections = new Set<VisitorConnection>()
  const shared: ListenerContext = {
    handler,
    headLimits: { bytes: limits.headerBytes, fields: limits.headerCount },
    bodyBytes: limits.bodyBytes,
    keepAliveFields: `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(timeouts.keepAliveMs / 1_000)}\r\n`,
    now: 0,
    forget: (connection) => void connections.delete(connection),
  }
  const server: Server & { dropMaxConnection?: boolean } = createServer({
    allowHalfOpen: true,
    noDelay: true,
  })
  const affordable = visitorsWithin(openFilesLimit())
  if (affordable < Math.min(limits.connections, FEW_CONNECTIONS)) {
    context.logger.warn(
      { configured: limits.connections, connections: affordable },
      'the limit of open files (ulimit -n) allows fewer connections of visitors than configured',
    )
  }
  server.maxConnections = Math.min(limits.connections, affordable)
  server.dropMaxConnection = true
  server.on('connection', (socket) => {
    // Closed at once by the limit of its address.
    if (!socket.destroyed) connections.add(new VisitorConnection(socket, shared))
  })

  const headMs = Math.min(timeouts.headersMs, timeouts.requestMs)
  // What a phase may last, and how it ends. Without an entry: for as long as the backend takes.
  const check = (connection: VisitorConnection, elapsed: number): void => {
    switch (connection.phase) {
      case 'new':
        if (elapsed > headMs) connection.socket.destroySoon()
        break
      case 'idle':
        if (elapsed > timeouts.keepAliveMs + KEEP_ALIVE_GRACE_MS && !connection.busy)
          connection.socket.destroySoon()
        break
      case 'head':
        if (elapsed > headMs) connection.refuse('too-slow')
        break
      case 'body':
        if (elapsed > timeouts.requestMs) connection.refuse('too-slow')
        break
      case 'closing':
        if (elapsed > CLOSING_MS) connection.socket.destroy()
        break
      default:
    }
  }
  const shortest = Math.min(headMs, timeouts.requestMs, timeouts.keepAliveMs, timeouts.idleMs)
  const intervalMs = Math.max(50, Math.min(1_000, shortest / 4))
  let sweptAt = performance.now()
  const sweep = (): void => {
    const now = performance.now()
    shared.now += elapsedSince(sweptAt, now, intervalMs)
    sweptAt = now
    for (const connection of connections) {
      // When a phase began is known as exactly as that.
      check(connection, shared.now - connection.since - intervalMs)
      if (connection.unreadMs() > timeouts.idleMs) connection.socket.destroy()
    }
  }
  const timer = setInterval(sweep, intervalMs)
  timer.unref()
  server.once('close', () => clearInterval(timer))
  return server
}
