import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import { answerClientError } from '../proxy/client-error.ts'
import { unfinishedResponse } from '../proxy/connections.ts'
import { openFilesLimit, visitorsWithin } from '../proxy/descriptor-limit.ts'
import type { ProxyContext } from '../proxy/proxy-context.ts'
import { ProxyResponse } from '../proxy/proxy-response.ts'
import type { RequestHandler } from '../proxy/request-handler.ts'

/** Fewer than this for want of descriptors is worth a line in the log. */
const FEW_CONNECTIONS = 2_000

export type VisitorServer = Server<typeof IncomingMessage, typeof ProxyResponse>
export type VisitorServerSettings = ServerOptions<typeof IncomingMessage, typeof ProxyResponse> & {
  shouldUpgradeCallback: (req: IncomingMessage) => boolean
  optimizeEmptyRequests: boolean
}

/** What node:http is told of the limits towards visitors, with and without TLS. */
export function visitorServerSettings({ config: { limits, timeouts } }: ProxyContext): VisitorServerSettings {
  return {
    ServerResponse: ProxyResponse,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: Math.min(timeouts.headersMs, timeouts.requestMs),
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: Math.max(50, Math.min(1_000, timeouts.headersMs / 4)),
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
    // Other upgrades (h2c, HTTP/1.0) are ignored, as RFC 9110, 7.8, allows or wants: the request is answered as if it
    // had not asked. A WebSocket begins with GET (RFC 6455, 4.1), and not behind requests that are still unanswered.
    shouldUpgradeCallback: ({ method, httpVersionMinor, headers, socket }) =>
      method === 'GET' &&
      httpVersionMinor === 1 &&
      headers.upgrade?.toLowerCase() === 'websocket' &&
      unfinishedResponse(socket) === undefined,
    // No body: no events for one.
    optimizeEmptyRequests: true,
  }
}

/** The server towards visitors, with its limits; it does not listen yet. */
export function createVisitorServer(context: ProxyContext, handler: RequestHandler): VisitorServer {
  const { limits } = context.config
  const server: VisitorServer & { dropMaxConnection?: boolean } = createServer(visitorServerSettings(context))
  const affordable = visitorsWithin(openFilesLimit())
  if (affordable < Math.min(limits.connections, FEW_CONNECTIONS)) {
    context.logger.warn(
      { configured: limits.connections, connections: affordable },
      'the limit of open files (ulimit -n) allows fewer connections of visitors than configured',
    )
  }
  server.maxConnections = Math.min(limits.connections, affordable)
  server.dropMaxConnection = true
  serveVisitors(server, context, handler)
  return server
}

/** Gives a server's requests to the handler, however its bytes arrive. */
export function serveVisitors(server: VisitorServer, context: ProxyContext, handler: RequestHandler): void {
  const { limits } = context.config
  // One more than allowed: Node drops the rest in silence, and the handler must see that there were too many.
  server.maxHeadersCount = limits.headerCount + 1
  server.timeout = 0
  server.on('request', (req, res) => handler.request(req, res, false))
  server.on('checkContinue', (req, res) => handler.request(req, res, false))
  server.on('checkExpectation', (req, res) => handler.request(req, res, false))
  server.on('upgrade', (req, socket, head) => handler.upgrade(req, socket as Socket, head))
  server.on('connect', (_req, duplex) => {
    const socket = duplex as Socket
    socket.on('error', () => undefined)
    if (unfinishedResponse(socket) === undefined)
      socket.write('HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    // Node has let go of it: nothing else would ever close it.
    socket.destroySoon()
  })
  server.on('clientError', (error, socket) => answerClientError(error, socket as Socket, limits))
  // Set on a socket whose visitor does not read, and between requests by Node itself.
  server.on('timeout', (socket) => socket.destroy())
}
