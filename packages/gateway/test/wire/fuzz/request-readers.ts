import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { RequestHandler } from '../../../src/proxy/request-handler.ts'
import type { ListenerContext } from '../../../src/wire/listener-context.ts'
import { VisitorConnection } from '../../../src/wire/visitor-connection.ts'
import type { Refusal } from '../../../src/wire/refusal.ts'
import type { VisitorRequest } from '../../../src/proxy/visitor.ts'
import type { Message, Reading } from './seen.ts'
import { WireStream } from './wire-stream.ts'

const HEADER_BYTES = 16_384

type Sink = WireStream & { reading: Reading }

function sink(): Sink {
  return Object.assign(new WireStream(), { reading: { messages: [], refused: undefined } as Reading })
}

function record(stream: Sink, req: VisitorRequest, tunnel: boolean, keep: boolean): void {
  const message: Message = {
    line: `${req.method} ${req.url} ${req.httpVersionMinor}`,
    pairs: req.rawHeaders,
    body: '',
    complete: tunnel,
    tunnel,
    keep,
    trailers: [],
  }
  stream.reading.messages.push(message)
  if (tunnel) return
  req.on('data', (chunk) => (message.body += chunk.toString('latin1')))
  req.on('end', () => (message.complete = true))
}

/** llhttp, as the gateway's other listener sets node:http up. */
export class NodeRequests {
  readonly #server: Server

  constructor() {
    const settings = {
      maxHeaderSize: HEADER_BYTES,
      insecureHTTPParser: false,
      requireHostHeader: true,
      shouldUpgradeCallback: ({ method, httpVersionMinor, headers, socket }: IncomingMessage) =>
        method === 'GET' &&
        httpVersionMinor === 1 &&
        headers.upgrade?.toLowerCase() === 'websocket' &&
        ((socket as Socket & { _httpMessage?: unknown })._httpMessage ?? undefined) === undefined,
    }
    this.#server = createServer(settings)
    const on = (req: IncomingMessage, res: ServerResponse): void =>
      record(req.socket as unknown as Sink, req, false, res.shouldKeepAlive)
    this.#server.on('request', on).on('checkContinue', on).on('checkExpectation', on)
    this.#server.on('upgrade', (req, socket) => record(socket as unknown as Sink, req, true, false))
    this.#server.on('connect', (_req, socket) => {
      ;(socket as unknown as Sink).reading.refused = 'CONNECT'
    })
    this.#server.on('clientError', (error: Error & { code?: string }, socket) => {
      ;(socket as unknown as Sink).reading.refused ??= error.code ?? error.message
    })
  }

  read(parts: readonly Buffer[]): () => Reading {
    const stream = sink()
    this.#server.emit('connection', stream)
    for (const part of parts) stream.push(part)
    return () => {
      // What Node answers without asking anyone: no Host.
      if (stream.sent.startsWith('HTTP/1.1 400')) stream.reading.refused ??= 'no Host'
      stream.destroy()
      return stream.reading
    }
  }
}

/** Ours: the whole connection, so that bodies and pipelining are looked at too. */
export class WireRequests {
  readonly #context: ListenerContext

  constructor() {
    const request: RequestHandler['request'] = (req, res, upgrade) =>
      record(req.socket as unknown as Sink, req, upgrade, res.shouldKeepAlive)
    this.#context = {
      handler: { request } as RequestHandler,
      headLimits: { bytes: HEADER_BYTES, fields: 100 },
      bodyBytes: 0,
      keepAliveFields: '',
      now: 0,
      forget: () => undefined,
    }
  }

  read(parts: readonly Buffer[]): () => Reading {
    const stream = sink()
    void new ObservedConnection(stream as unknown as Socket, this.#context)
    for (const part of parts) stream.push(part)
    return () => {
      const { reading, sent } = stream
      if (stream.writableEnded && reading.refused === undefined) reading.refused = 'CONNECT'
      // Nothing has answered but a refusal.
      if (sent !== '' && reading.refused === undefined) throw new Error(`ours wrote ${sent}`)
      stream.destroy()
      return reading
    }
  }
}

/** Says which rule a message broke, also where that is not for the visitor. */
class ObservedConnection extends VisitorConnection {
  override refuse(refusal: Refusal): void {
    const { reading } = this.socket as unknown as Sink
    reading.refused ??= refusal === 'too-slow' ? refusal : refusal.message
    super.refuse(refusal)
  }
}
