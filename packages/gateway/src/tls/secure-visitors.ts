import type { CertificateStats, TlsStats } from '../drivers/driver.ts'
import { serveVisitors, visitorServerSettings, type VisitorServer } from '../drivers/visitor-server.ts'
import { Http2Visitors } from '../http2/http2-visitors.ts'
import type { GatewayInstruments } from '../pools/pool-metrics.ts'
import type { Connections } from '../proxy/connections.ts'
import type { ProxyContext } from '../proxy/proxy-context.ts'
import type { RequestHandler } from '../proxy/request-handler.ts'
import { SecureServer, type SecureVisitorServer } from './secure-server.ts'

export interface SecureVisitorsOptions {
  context: ProxyContext
  handler: RequestHandler
  instruments: GatewayInstruments
  connections: Connections
  ticketKeys: Buffer | undefined
}

/** Visitors who come by TLS, with HTTP/2 or HTTP/1.1. */
export class SecureVisitors {
  readonly #secure: SecureServer
  readonly #http2: Http2Visitors | undefined

  /** Throws GATEWAY_CERTIFICATE_INVALID. It does not listen yet. */
  constructor({ context, handler, instruments, connections, ticketKeys }: SecureVisitorsOptions) {
    const { config, logger } = context
    const http2 = config.tls.http2 ? new Http2Visitors(context, handler, instruments) : undefined
    this.#http2 = http2
    try {
      this.#secure = new SecureServer({
        config,
        logger,
        instruments,
        connections,
        http: visitorServerSettings(context),
        http2: http2 && ((socket) => http2.accept(socket)),
        ticketKeys,
      })
    } catch (error) {
      http2?.close()
      throw error
    }
    serveVisitors(this.#secure.server as unknown as VisitorServer, context, handler)
    connections.include(this.#secure.server)
  }

  get server(): SecureVisitorServer {
    return this.#secure.server
  }

  stats(): TlsStats {
    return this.#secure.stats()
  }

  /** Throws GATEWAY_CERTIFICATE_INVALID; then the former ones stay. */
  reload(): readonly CertificateStats[] {
    this.#secure.certificates.reload()
    return this.#secure.certificates.stats()
  }

  setTicketKeys(keys: Buffer): void {
    this.#secure.setTicketKeys(keys)
  }

  close(): void {
    this.#secure.close()
    this.#http2?.close()
  }
}
