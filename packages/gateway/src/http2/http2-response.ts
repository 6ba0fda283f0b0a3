import { EventEmitter } from 'node:events'
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Exchange } from '../proxy/exchange.ts'
import type { VisitorResponse } from '../proxy/visitor.ts'
import type { Http2Request } from './http2-request.ts'

// As Node has it for HTTP/1.1, whose check HTTP/2 has not.
const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/
const NOT_IN_VALUES = /[^\t\x20-\x7e\x80-\xff]/

const INCOMPLETE = new Error('the response is not complete')

/** Answers without a body, which Node ends by itself. */
const isBare = (status: number): boolean => status === 204 || status === 205 || status === 304

/**
 * The response to a visitor's request on its HTTP/2 stream. Node's own compatibility classes are not used: they make two
 * streams, several closures and an object of headers per request, and have no way of sending raw headers or of ending a
 * response as incomplete.
 */
export class Http2Response extends EventEmitter implements VisitorResponse {
  exchange: Exchange | undefined = undefined
  /** Without a meaning here: a connection ends by GOAWAY. */
  shouldKeepAlive = true
  chunkedEncoding = false
  readonly request: Http2Request
  /** When the last byte was given to Node, for visitors who do not take it. */
  ended = false
  /** The visitor has a limit of time to take the rest. */
  limited = false
  readonly #stream: ServerHttp2Stream
  #trailers: Record<string, string | string[]> | undefined = undefined

  constructor(request: Http2Request) {
    super()
    this.request = request
    this.#stream = request.stream
  }

  get headersSent(): boolean {
    return this.#stream.headersSent
  }

  get socket(): Socket {
    return this.request.socket
  }

  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed
  }

  writeHead(status: number, reason: string | string[], headers?: string[]): void {
    if (this.#gone) return
    const raw = headers ?? (reason as string[])
    const list: (string | number)[] = [':status', status]
    let announced = false
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i]!.toLowerCase()
      const value = raw[i + 1]!
      if (!FIELD_NAME.test(name) || NOT_IN_VALUES.test(value)) throw invalid(name)
      if (name === 'content-length') announced = true
      list.push(name, value)
    }
    this.chunkedEncoding = !announced && !isBare(status) && this.request.method !== 'HEAD'
    this.#stream.respond(
      list as unknown as OutgoingHttpHeaders,
      this.chunkedEncoding ? { waitForTrailers: true } : undefined,
    )
  }

  /** False: wait for `drain`. */
  write(chunk: Buffer): boolean {
    if (this.#gone || this.#stream.writableEnded) return true
    return this.#stream.write(chunk)
  }

  end(chunk?: Buffer | string, encoding?: BufferEncoding): void {
    this.ended = true
    if (this.#gone || this.#stream.writableEnded) return
    if (chunk === undefined) this.#stream.end()
    else this.#stream.end(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
  }

  /** They are sent at once. */
  flushHeaders(): void {}

  #inform(headers: OutgoingHttpHeaders): void {
    if (!this.#gone && !this.headersSent) this.#stream.additionalHeaders(headers)
  }

  writeContinue(): void {
    this.#inform({ ':status': 100 })
  }

  writeProcessing(): void {
    this.#inform({ ':status': 102 })
  }

  writeEarlyHints({ link }: { link: string[] }): void {
    const invalidLink = link.find((value) => NOT_IN_VALUES.test(value))
    if (invalidLink !== undefined) throw invalid('link')
    this.#inform({ ':status': 103, link })
  }

  addTrailers(trailers: OutgoingHttpHeaders | readonly [string, string][]): void {
    const fields: Record<string, string | string[]> = (this.#trailers ??= {})
    for (const [name, value] of trailers as readonly [string, string][]) {
      const lower = name.toLowerCase()
      if (!FIELD_NAME.test(lower) || NOT_IN_VALUES.test(value)) throw invalid(lower)
      const before = fields[lower]
      fields[lower] = before === undefined ? value : [...[before].flat(), value]
    }
  }

  /** All of the body has left. */
  sendTrailers(): void {
    if (!this.#gone) this.#stream.sendTrailers(this.#trailers ?? {})
  }

  /** INTERNAL_ERROR: the visitor must not take a part for the whole. `close` would say first that this was the end. */
  destroy(): void {
    if (!this.#stream.destroyed) this.#stream.destroy(INCOMPLETE)
  }

  /** A stream is no connection that could be handed over; no upgrade comes this way. */
  detachSocket(): void {}
}

const invalid = (name: string): Error =>
  Object.assign(new Error(`the field ${JSON.stringify(name)} cannot be sent`), { code: 'ERR_INVALID_CHAR' })
