import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerSessionOptions,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { EngineConfig } from '../config.ts'
import { setMultiplexed, type Multiplexed } from '../proxy/connections.ts'
import type { Exchange } from '../proxy/exchange.ts'
import { Http2Request } from './http2-request.ts'
import { Http2Response } from './http2-response.ts'

/** Frames that cost an answer and carry nothing, per second. */
const MAX_CONTROL_FRAMES = 100
/** A stream identifier that no stream has: as the last one of a GOAWAY it says that the end is near (RFC 9113, 6.8). */
const NO_LAST_STREAM = 2 ** 31 - 1
/** What a visitor may send ahead of its backends, per request and per connection. */
const STREAM_WINDOW = 262_144
const CONNECTION_WINDOW = 1_048_576
/** After its response, a request's body is read and dropped for so long; and a visitor has so long to close after a goodbye. */
const LINGER_MS = 2_000

export interface Http2Owner {
  readonly config: EngineConfig
  request(req: Http2Request, res: Http2Response): void
  /** The connection was ended because of what came by it. */
  misbehaved(reason: string): void
}

/** What an HTTP/2 connection may ask of this machine. */
export function sessionOptions({ limits }: EngineConfig): ServerSessionOptions {
  const options: ServerSessionOptions & { streamResetBurst: number; streamResetRate: number } = {
    settings: {
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: STREAM_WINDOW,
      enableConnectProtocol: false,
    },
    // A few more than allowed, pseudo-headers included, so that the visitor gets a 431 instead of a reset.
    maxHeaderListPairs: limits.headerCount + 16,
    maxSettings: 32,
    maxOutstandingPings: 10,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    // CVE-2023-44487: requests that are cancelled at once cost their sender nothing.
    streamResetBurst: limits.streamResets,
    streamResetRate: Math.max(1, Math.floor(limits.streamResets / 20)),
    // A field that a backend sends twice is its affair, as in HTTP/1.1.
    strictSingleValueFields: false,
  }
  return options
}

/** One visitor's HTTP/2 connection and the requests on it. */
export class Http2Connection implements Multiplexed {
  readonly session: ServerHttp2Session
  readonly #owner: Http2Owner
  readonly #socket: TLSSocket
  readonly #responses = new Set<Http2Response>()
  #idleSince = performance.now()
  #controlFrames = 0
  #ending = false
  #overSince: number | undefined = undefined

  constructor(owner: Http2Owner, socket: TLSSocket, options: ServerSessionOptions) {
    this.#owner = owner
    this.#socket = socket
    const session = performServerHandshake(socket, options)
    this.session = session
    setMultiplexed(socket, this)
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW))
    session.on('stream', this.#onStream)
    session.on('error', (error: Error & { code?: string }) => owner.misbehaved(reasonOf(error)))
    const countFrame = (): void => {
      if (++this.#controlFrames <= MAX_CONTROL_FRAMES || session.destroyed) return
      owner.misbehaved('flood')
      session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)
    }
    session.on('ping', countFrame)
    session.on('remoteSettings', countFrame)
  }

  readonly #onStream = (
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    received: string[],
  ): void => {
    // What goes wrong with a stream is seen by its close.
    stream.on('error', ignore)
    if (headers[':method'] === 'CONNECT') {
      stream.respond({ ':status': 405 }, { endStream: true })
      stream.close()
      return
    }
    const req = new Http2Request(stream, headers, flags, received, this.#socket)
    const res = new Http2Response(req)
    this.#responses.add(res)
    stream.on('close', () => {
      this.#responses.delete(res)
      if (this.#responses.size === 0) this.#idleSince = performance.now()
      res.emit('close')
    })
    stream.on('drain', () => res.emit('drain'))
    stream.on('finish', () => {
      res.emit('finish')
      if (!req.complete) dropRest(stream)
    })
    stream.on('wantTrailers', () => res.sendTrailers())
    stream.on('timeout', () => res.destroy())
    this.#owner.request(req, res)
  }

  /** Once in a while: ends what takes too long. `now` as of `performance.now()`. */
  sweep(now: number): void {
    const { timeouts } = this.#owner.config
    this.#controlFrames = 0
    if (this.session.destroyed) {
      // Node waits for the visitor to read what is left, and to close.
      const patienceMs = this.#socket.writableFinished ? LINGER_MS : timeouts.idleMs
      if (now - (this.#overSince ??= now) >= patienceMs) this.#socket.destroy()
      return
    }
    if (this.#responses.size === 0) {
      // By requests, not by bytes: pings, or a head that comes one byte at a time, keep nothing open.
      if (now - this.#idleSince > timeouts.keepAliveMs) this.end()
      return
    }
    for (const res of this.#responses) {
      const { complete, startedAt } = res.request
      if (!complete && now - startedAt > timeouts.requestMs) res.destroy()
      // A window that stays closed would keep the answer, and its backend, for ever.
      else if (res.stalledMs(now) > timeouts.idleMs) res.destroy()
    }
  }

  *exchanges(): Iterable<Exchange> {
    for (const { exchange } of this.#responses) if (exchange !== undefined) yield exchange
  }

  announceEnd(): void {
    if (!this.session.closed && !this.session.destroyed)
      this.session.goaway(constants.NGHTTP2_NO_ERROR, NO_LAST_STREAM)
  }

  end(): void {
    if (this.session.destroyed) return
    if (!this.#ending) this.session.close()
    else if (this.#responses.size === 0) this.session.destroy()
    this.#ending = true
  }
}

function ignore(): void {}

/** The answer is complete: what the visitor still sends is not wanted (RFC 9113, 8.1). */
function dropRest(stream: ServerHttp2Stream): void {
  stream.resume()
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), LINGER_MS)
  timer.unref()
  stream.once('close', () => clearTimeout(timer))
}

/** Values of the label `reason`. */
function reasonOf({ code = '', message }: Error & { code?: string }): string {
  if (/RESET|EPIPE/.test(code)) return 'closed'
  if (/CALM|flood/i.test(message)) return 'flood'
  if (code === 'ERR_HTTP2_ERROR' || code === 'ERR_HTTP2_SESSION_ERROR') return 'protocol'
  return 'other'
}
