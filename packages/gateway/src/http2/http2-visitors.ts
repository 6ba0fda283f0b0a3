import type { TLSSocket } from 'node:tls'
import { gatewayErrors } from '../errors.ts'
import type { EngineConfig } from '../config.ts'
import type { GatewayInstruments } from '../pools/pool-metrics.ts'
import type { ProxyContext } from '../proxy/proxy-context.ts'
import type { RequestHandler } from '../proxy/request-handler.ts'
import { Http2Connection, sessionOptions, type Http2Owner } from './http2-connection.ts'
import type { Http2Request } from './http2-request.ts'
import type { Http2Response } from './http2-response.ts'

/** How often connections are looked at for what takes too long. */
const SWEEP_MS = 1_000

/** Everybody who speaks HTTP/2 to this gateway. */
export class Http2Visitors implements Http2Owner {
  readonly config: EngineConfig
  readonly #context: ProxyContext
  readonly #handler: RequestHandler
  readonly #instruments: GatewayInstruments
  readonly #options: ReturnType<typeof sessionOptions>
  readonly #connections = new Set<Http2Connection>()
  readonly #sweep: NodeJS.Timeout

  constructor(context: ProxyContext, handler: RequestHandler, instruments: GatewayInstruments) {
    this.config = context.config
    this.#context = context
    this.#handler = handler
    this.#instruments = instruments
    this.#options = sessionOptions(context.config)
    const { keepAliveMs, idleMs, requestMs } = context.config.timeouts
    const sweepMs = Math.max(50, Math.min(SWEEP_MS, Math.min(keepAliveMs, idleMs, requestMs) / 4))
    this.#sweep = setInterval(() => {
      const now = performance.now()
      for (const connection of this.#connections) connection.sweep(now)
    }, sweepMs)
    this.#sweep.unref()
  }

  /** Takes a connection whose handshake has agreed on HTTP/2. */
  accept(socket: TLSSocket): void {
    const connection = new Http2Connection(this, socket, this.#options)
    this.#connections.add(connection)
    connection.session.once('close', () => this.#connections.delete(connection))
    if (this.#context.draining) connection.announceEnd()
  }

  request(req: Http2Request, res: Http2Response): void {
    if (req.problem === undefined) this.#handler.request(req, res, false)
    else this.#handler.refuse(req, res, gatewayErrors.REQUEST_INVALID({ reason: req.problem }))
  }

  misbehaved(reason: string): void {
    this.#instruments.http2Errors.with({ reason }).add()
  }

  close(): void {
    clearInterval(this.#sweep)
  }
}
