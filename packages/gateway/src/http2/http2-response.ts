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

/** What a visitor takes shows in such pieces. */
const PIECE_BYTES = 65_536

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
  readonly #stream: ServerHttp2Stream
  /** Bytes that Node was given, those of them that left, and when that changed last. */
  #given = 0
  #taken = -1
  #takenAt = 0
  #trailers: Record<string, string | string[]> | undefined = undefined

  constructor(request: Http2Request) {
    super()
    this.request = request
    this.#stream = request.stream
    // All that waits would become one write, and nobody could see whether any of it leaves.
    Object.assign(this.#stream, { _writev: undefined })
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
    this.#given += chunk.length
    let at = 0
    while (chunk.length - at > PIECE_BYTES) this.#stream.write(chunk.subarray(at, (at += PIECE_BYTES)))
    return this.#stream.write(at === 0 ? chunk : chunk.subarray(at))
  }

  end(chunk?: Buffer | string, encoding?: BufferEncoding): void {
    if (this.#gone || this.#stream.writableEnded) return
    const last = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
    if (last !== undefined && last.length > PIECE_BYTES) this.write(last)
    else if (last !== undefined) {
      this.#given += last.length
      this.#stream.end(last)
      return
    }
    this.#stream.end()
  }

  /**
   * For how many milliseconds the visitor has taken nothing of what waits for it. Node's own timers of a stream begin anew with
   * whatever leaves by the connection, the answer to a PING included. `now` as of `performance.now()`.
   */
  stalledMs(now: number): number {
    const waiting = this.#stream.writableLength
    const taken = this.#given - waiting
    if (waiting === 0 || taken !== this.#taken) {
      this.#taken = taken
      this.#takenAt = now
    }
    return now - this.#takenAt
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
