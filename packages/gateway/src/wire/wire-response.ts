import { STATUS_CODES, type OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange } from '../proxy/exchange.ts'
import type { VisitorResponse } from '../proxy/visitor.ts'
import { isLength } from './framing.ts'
import { checkValue, httpDate, InvalidFieldError, withFields } from './head-text.ts'
import { ResponseOutput, type OutputTarget } from './response-output.ts'
import type { WireRequest } from './wire-request.ts'

type Notice = () => void

/** What a response needs of its connection. */
export interface ResponseTarget extends OutputTarget {
  readonly socket: Socket
  /** `Connection` and `Keep-Alive` of a response after which another may come. */
  readonly keepAliveFields: string
  /** The connection becomes a tunnel. */
  release(): void
}

/** The answer to a visitor's request. Its head is kept until something of the body is there to leave with it. */
export class WireResponse implements VisitorResponse {
  exchange: Exchange | undefined = undefined
  shouldKeepAlive: boolean
  chunkedEncoding = false
  headersSent = false
  /** Of the request that this answers. */
  readonly req: WireRequest
  readonly #target: ResponseTarget
  readonly #output: ResponseOutput
  readonly #http11: boolean
  /** HEAD, 204 and 304: what is written of a body goes nowhere. */
  #bodiless: boolean
  /** Bytes of the announced body that are still to come; -1: it has no announced length. */
  #left = -1
  #head = ''
  #trailers = ''
  #ended = false
  #closed = false
  /** What there is of it is not for the visitor. */
  #broken = false
  #close: Notice[] | undefined = undefined
  #drain: Notice[] | undefined = undefined
  #finish: Notice[] | undefined = undefined

  constructor(target: ResponseTarget, req: WireRequest, keepAlive: boolean) {
    this.req = req
    this.#target = target
    this.#output = new ResponseOutput(target)
    this.#http11 = req.httpVersionMinor === 1
    this.#bodiless = req.method === 'HEAD'
    this.shouldKeepAlive = keepAlive
  }

  get socket(): Socket | null {
    return this.#output.current ? this.#target.socket : null
  }

  get ended(): boolean {
    return this.#ended
  }

  writeHead(status: number, reasonOrHeaders: string | string[], headers?: string[]): void {
    const pairs = headers ?? (reasonOrHeaders as string[])
    const reason = headers === undefined ? (STATUS_CODES[status] ?? '') : (reasonOrHeaders as string)
    if (headers !== undefined) checkValue(reason)
    if (this.headersSent) throw new InvalidFieldError('the head was written before', 'ERR_HTTP_HEADERS_SENT')
    this.#left = -1
    let head = withFields(`HTTP/1.1 ${status} ${reason}\r\n`, pairs)
    let dated = false
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i]!
      if (name.length === 14 && name.toLowerCase() === 'content-length') this.#announce(pairs[i + 1]!)
      else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding')
        throw new InvalidFieldError('how a body is sent is not for others to say')
      else if (name.length === 4 && name.toLowerCase() === 'date') dated = true
    }
    if (!dated) head += `Date: ${httpDate()}\r\n`
    if (status === 204 || status === 304) this.#bodiless = true
    if (this.#left === -1 && !this.#bodiless) {
      if (this.#http11) {
        this.chunkedEncoding = true
        head += 'Transfer-Encoding: chunked\r\n'
      } else this.shouldKeepAlive = false
    }
    this.#head = `${head}${this.shouldKeepAlive ? this.#target.keepAliveFields : 'Connection: close\r\n'}\r\n`
    this.headersSent = true
  }

  #announce(value: string): void {
    if (this.#left !== -1 || !isLength(value))
      throw new InvalidFieldError('a Content-Length that is not the only one, or no number of bytes')
    this.#left = Number(value)
  }

  #takeHead(): string {
    const head = this.#head
    this.#head = ''
    return head
  }

  write(chunk: Buffer): boolean {
    if (this.#ended || this.#closed) return true
    const head = this.#takeHead()
    if (this.#bodiless || chunk.length === 0) return head === '' || this.#output.text(head, false)
    if (this.chunkedEncoding)
      return this.#output.around(`${head}${chunk.length.toString(16)}\r\n`, chunk, '\r\n')
    if (!this.#fits(chunk.length)) return true
    return this.#output.around(head, chunk, '')
  }

  /** What an announced body has too much of would be read as the next response. */
  #fits(bytes: number): boolean {
    if (this.#left === -1) return true
    if (bytes > this.#left) {
      this.destroy()
      return false
    }
    this.#left -= bytes
    return true
  }

  end(chunk?: Buffer | string, encoding?: BufferEncoding): void {
    if (this.#ended || this.#closed) return
    if (this.#bodiless || chunk === undefined || chunk.length === 0) {
      this.#endEmpty()
      return
    }
    if (this.chunkedEncoding || (typeof chunk === 'string' && encoding !== 'latin1')) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
      this.write(bytes)
      if (!this.#closed && !this.#ended) this.#endEmpty()
      return
    }
    if (!this.#fits(chunk.length)) return
    if (this.#left > 0) {
      this.destroy()
      return
    }
    this.#ended = true
    const head = this.#takeHead()
    if (typeof chunk === 'string') this.#output.text(head + chunk, true)
    else this.#output.around(head, chunk, '', true)
  }

  #endEmpty(): void {
    if (this.#left > 0 && !this.#bodiless) {
      this.destroy()
      return
    }
    this.#ended = true
    const end = this.chunkedEncoding ? `0\r\n${this.#trailers}\r\n` : ''
    this.#output.text(this.#takeHead() + end, true)
  }

  flushHeaders(): void {
    if (this.#head !== '' && !this.#closed) this.#output.text(this.#takeHead(), false)
  }

  writeContinue(): void {
    this.#interim('HTTP/1.1 100 Continue\r\n')
  }

  writeProcessing(): void {
    this.#interim('HTTP/1.1 102 Processing\r\n')
  }

  writeEarlyHints({ link }: { link: string[] }): void {
    if (link.length > 0) this.#interim(withFields('HTTP/1.1 103 Early Hints\r\n', ['Link', link.join(', ')]))
  }

  #interim(head: string): void {
    // RFC 9110, 15.2: HTTP/1.0 knows none.
    if (this.#http11 && !this.headersSent && !this.#closed) this.#output.text(`${head}\r\n`, false)
  }

  addTrailers(trailers: OutgoingHttpHeaders | readonly [string, string][]): void {
    const pairs = Array.isArray(trailers) ? (trailers as [string, string][]) : Object.entries(trailers)
    this.#trailers = withFields(
      this.#trailers,
      pairs.flatMap(([name, value]) => [name, String(value)]),
    )
  }

  destroy(): void {
    const { socket } = this.#target
    if (!this.#output.current) {
      // The answer before it is whole, and still under way.
      this.#broken = this.#ended = true
      this.#output.discard()
    } else if (this.headersSent && !this.#http11 && this.#left === -1 && !this.#bodiless) {
      // Its end would be the end of the connection: only a reset says that something is missing.
      socket.resetAndDestroy()
    } else socket.destroy()
  }

  detachSocket(): void {
    this.#closed = true
    this.#target.release()
  }

  on(event: 'close' | 'drain' | 'finish', listener: (this: this) => void): this {
    const bound = listener as Notice
    if (event === 'close') (this.#close ??= []).push(bound)
    else if (event === 'drain') (this.#drain ??= []).push(bound)
    else (this.#finish ??= []).push(bound)
    return this
  }

  once(event: 'close' | 'drain' | 'finish', listener: Notice): this {
    if (event !== 'drain') return this.on(event, listener)
    const once = (): void => {
      this.#drain = this.#drain!.filter((each) => each !== once)
      listener()
    }
    return this.on(event, once)
  }

  /** From the connection: it is this one's turn. */
  begin(): void {
    if (this.#output.begin()) this.drained()
    if (this.#broken) this.destroy()
  }

  /** From the connection: what was written has left. */
  drained(): void {
    this.#notify(this.#drain)
  }

  /** From the connection: all of it has left. */
  finished(): void {
    this.#notify(this.#finish)
    this.closed()
  }

  /** From the connection: nothing more of it will leave. */
  closed(): void {
    if (this.#closed) return
    this.#closed = true
    this.#output.discard()
    this.#notify(this.#close)
  }

  #notify(listeners: Notice[] | undefined): void {
    if (listeners !== undefined) for (const listener of listeners) listener.call(this)
  }
}
