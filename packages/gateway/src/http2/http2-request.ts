import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { VisitorRequest } from '../proxy/visitor.ts'

/** A visitor's request that came by a stream of an HTTP/2 connection. */
export class Http2Request implements VisitorRequest {
  readonly method: string
  readonly url: string
  readonly rawHeaders: string[]
  readonly headers: IncomingHttpHeaders
  readonly httpVersionMajor = 2
  readonly httpVersionMinor = 0
  readonly socket: Socket
  readonly stream: ServerHttp2Stream
  readonly startedAt = performance.now()
  /** Why it must be refused. nghttp2 has reset what breaks the protocol itself (RFC 9113, 8.1.1) before it comes here. */
  readonly problem: string | undefined
  readonly #empty: boolean

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    received: readonly string[],
    socket: Socket,
  ) {
    this.stream = stream
    this.socket = socket
    this.headers = headers
    this.method = headers[':method']!
    this.url = headers[':path'] ?? ''
    this.#empty = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
    if (!this.#empty) stream.push = pushUnlessCut
    const raw: string[] = []
    let authority: string | undefined
    let scheme: string | undefined
    let cookie: string | undefined
    let problem: string | undefined
    for (let i = 0; i < received.length; i += 2) {
      const name = received[i]!
      const value = received[i + 1]!
      if (name.charCodeAt(0) === COLON) {
        if (name === ':authority') {
          authority = value
          raw.push('host', value)
        } else if (name === ':scheme') scheme = value
      } else if (name === 'cookie') {
        // Browsers send each one by itself, for better compression (RFC 9113, 8.2.3).
        cookie = cookie === undefined ? value : `${cookie}; ${value}`
      } else if (name === 'host' && authority !== undefined) {
        if (value !== authority) problem = 'its :authority and its Host are not the same'
      } else raw.push(name, value)
    }
    if (scheme !== 'https') problem = 'its :scheme is not https'
    if (cookie !== undefined) raw.push('cookie', cookie)
    if (authority !== undefined) headers.host = authority
    if (!this.#empty && headers['content-length'] === undefined) {
      // In the words of HTTP/1.1: there is a body, and its length is not announced.
      headers['transfer-encoding'] = 'chunked'
      raw.push('transfer-encoding', 'chunked')
    }
    this.rawHeaders = raw
    this.problem = problem
  }

  get complete(): boolean {
    return this.#empty || this.stream.readableEnded
  }

  get destroyed(): boolean {
    return this.stream.destroyed
  }

  pause(): void {
    this.stream.pause()
  }

  resume(): void {
    this.stream.resume()
  }

  on(event: 'data' | 'end' | 'close', listener: (chunk: Buffer) => void): void {
    this.stream.on(event, listener as () => void)
  }

  once(event: 'end' | 'close', listener: () => void): void {
    this.stream.once(event, listener)
  }

  off(event: 'data' | 'end' | 'close', listener: (chunk: Buffer) => void): void {
    this.stream.off(event, listener as () => void)
  }
}

const COLON = 58

/**
 * Node ends a body also when its stream was reset without an error code: only an end that comes while the stream is still open
 * is the visitor's. A part of a body must not look like the whole.
 */
function pushUnlessCut(this: ServerHttp2Stream, chunk: unknown, encoding?: BufferEncoding): boolean {
  if (chunk !== null || !this.closed) return Readable.prototype.push.call(this, chunk, encoding)
  // Node has more to do with it in this turn.
  setImmediate(() => this.destroy())
  return false
}
