import { constants } from 'node:crypto'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { Logger } from '@millrace/core'
import type { TlsStats } from '../drivers/driver.ts'
import type { GatewayInstruments } from '../pools/pool-metrics.ts'
import type { Connections } from '../proxy/connections.ts'
import type { ProxyResponse } from '../proxy/proxy-response.ts'
import type { EngineConfig } from '../config.ts'
import { Certificates } from './certificates.ts'
import { TLS12_CIPHERS, TLS13_SUITES } from './ciphers.ts'
import { Handshakes, handshakeFailure, type HandshakeFailure } from './handshakes.ts'
import { ServerNames } from './server-names.ts'
import { createTicketKeys, TICKET_ROTATION_MS } from './ticket-keys.ts'

export type SecureVisitorServer = Server<typeof IncomingMessage, typeof ProxyResponse>

const CIPHERS = [...TLS13_SUITES, ...TLS12_CIPHERS].join(':')

/** The same in all processes, or none would go on with a session of another. */
const SESSION_CONTEXT = 'millrace-gateway'

export interface SecureServerOptions {
  config: EngineConfig
  logger: Logger
  instruments: GatewayInstruments
  connections: Connections
  /** Of node:http, as the port without TLS has them. */
  http: ServerOptions<typeof IncomingMessage, typeof ProxyResponse>
  /** Takes visitors who speak HTTP/2; undefined: none do. */
  http2: ((socket: TLSSocket) => void) | undefined
  /** From a supervisor, which then renews them. Default: its own. */
  ticketKeys?: Buffer | undefined
}

/** The port for HTTPS: certificates, handshakes, and who speaks which HTTP. */
export class SecureServer {
  readonly server: SecureVisitorServer
  readonly certificates: Certificates
  readonly #options: SecureServerOptions
  readonly #handshakes: Handshakes
  readonly #rotation: NodeJS.Timeout | undefined
  #ticketKeys: Buffer
  #names: ServerNames<SecureContext> = new ServerNames([])
  readonly #counts = { handshakes: 0, resumed: 0, failed: 0 }

  /** Throws GATEWAY_CERTIFICATE_INVALID. */
  constructor(options: SecureServerOptions) {
    const { config, logger } = options
    this.#options = options
    this.#ticketKeys = options.ticketKeys ?? createTicketKeys()
    this.#handshakes = new Handshakes(config.limits.handshakes, () => this.#failed('crowded'))
    this.certificates = new Certificates(config.tls, logger, () => this.#apply())
    this.server = createServer({
      ...options.http,
      ...this.#contextOptions(0),
      handshakeTimeout: config.timeouts.handshakeMs,
      ALPNProtocols: options.http2 === undefined ? ['http/1.1'] : ['h2', 'http/1.1'],
      SNICallback: (name, done) => done(null, this.#names.find(name)),
    })
    this.#apply()
    this.#listenOn(this.server)
    if (options.ticketKeys === undefined) {
      this.#rotation = setInterval(() => this.setTicketKeys(createTicketKeys()), TICKET_ROTATION_MS)
      this.#rotation.unref()
    }
    this.#observe()
  }

  #contextOptions(at: number): SecureContextOptions {
    const { certificate, key, files } = this.certificates.entries[at]!
    return {
      cert: certificate,
      key,
      ...(files.passphrase === undefined ? {} : { passphrase: files.passphrase }),
      minVersion: `TLSv${this.#options.config.tls.minVersion}`,
      ciphers: CIPHERS,
      // Visitors know best what their processor is good at; all of these are good.
      honorCipherOrder: false,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ticketKeys: this.#ticketKeys,
      sessionIdContext: SESSION_CONTEXT,
      sessionTimeout: TICKET_ROTATION_MS / 1_000,
    }
  }

  /** New connections get what is in use now; open ones go on. */
  #apply(): void {
    const { entries } = this.certificates
    this.#names = new ServerNames(
      entries.map(({ names }, at) => ({ names, context: createSecureContext(this.#contextOptions(at)) })),
    )
    this.server.setSecureContext(this.#contextOptions(0))
  }

  setTicketKeys(keys: Buffer): void {
    this.#ticketKeys = keys
    this.#apply()
  }

  #listenOn(server: SecureVisitorServer): void {
    const { connections, http2, config } = this.#options
    const [beginHandshake] = server.listeners('connection')
    const [speakHttp1] = server.listeners('secureConnection')
    server.removeAllListeners('connection')
    server.removeAllListeners('secureConnection')
    // It would take a failed handshake for a request that cannot be parsed.
    server.removeAllListeners('tlsClientError')
    server.on('connection', (socket: Socket) => {
      if (socket.destroyed || socket.remotePort === undefined) return
      if (connections.size >= config.limits.connections) {
        socket.destroy()
        return
      }
      connections.add(socket)
      this.#handshakes.begin(socket)
      beginHandshake!.call(server, socket)
    })
    server.on('secureConnection', (socket: TLSSocket) => {
      const carrier = this.#handshakes.complete(socket)
      if (carrier === undefined) {
        socket.destroy()
        return
      }
      connections.replace(carrier, socket)
      this.#completed(socket)
      if (http2 !== undefined && socket.alpnProtocol === 'h2') http2(socket)
      else speakHttp1!.call(server, socket)
    })
    server.on('tlsClientError', (error: Error & { code?: string }, socket: TLSSocket) => {
      this.#failed(handshakeFailure(error))
      socket.destroy()
    })
  }

  #completed(socket: TLSSocket): void {
    const resumed = socket.isSessionReused()
    this.#counts.handshakes++
    if (resumed) this.#counts.resumed++
    const version = socket.getProtocol() ?? 'unknown'
    this.#options.instruments.tlsHandshakes.with({ version, resumed: resumed ? 'yes' : 'no' }).add()
  }

  #failed(reason: HandshakeFailure): void {
    this.#counts.failed++
    this.#options.instruments.tlsHandshakeFailures.with({ reason }).add()
  }

  #observe(): void {
    for (const [at, { files }] of this.certificates.entries.entries()) {
      this.#options.instruments.tlsCertificateRemaining.observe(
        () => ((this.certificates.entries[at]?.validTo ?? 0) - Date.now()) / 1_000,
        { certificate: files.certificate },
      )
    }
  }

  stats(): TlsStats {
    return { certificates: this.certificates.stats(), ...this.#counts }
  }

  close(): void {
    clearInterval(this.#rotation)
    this.certificates.close()
  }
}
