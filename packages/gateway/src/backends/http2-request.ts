import { constants } from 'node:http2'
import { Readable } from 'node:stream'
import { errors, type Dispatcher } from 'undici'
import { gatewayErrors } from '../errors.ts'
import { UnprocessedError } from '../pools/backend-connections.ts'
import {
  fieldBytes,
  plainFields,
  splitTrailersOnly,
  webSocketAccept,
  type Http2Fields,
} from './http2-headers.ts'
import type { Http2Session } from './http2-session.ts'
import { listen, type RequestStream } from './http2-stream.ts'
import type { RequestQueue } from './request-queue.ts'
import { tunnelEnd } from './http2-tunnel.ts'
import { RequestUpload } from './request-upload.ts'

const { NGHTTP2_CANCEL } = constants

type Phase = 'waiting' | 'head' | 'body' | 'tunnel' | 'over'

/** One request at a backend: what undici calls a controller, over a stream of HTTP/2. */
export class Http2Request implements Dispatcher.DispatchController {
  readonly fields: Http2Fields
  readonly #queue: RequestQueue
  readonly #handler: Dispatcher.DispatchHandler
  readonly #upload: RequestUpload | undefined
  readonly #payload: Buffer | undefined
  readonly #idleMs: number
  #phase: Phase = 'waiting'
  #started = false
  #interim = false
  #stream: RequestStream | undefined = undefined
  /** Resets a stream without ending its body first, as closing it would: a part of a body must not look complete. */
  #reset: AbortController | undefined = undefined
  #session: Http2Session | undefined = undefined
  #error: Error | undefined = undefined
  /** When something of it moved last, or since when it waits for a connection. */
  since = performance.now()
  refusals = 0
  aborted = false
  paused = false
  reason: Error | null = null
  rawHeaders: string[] | null = null
  rawTrailers: string[] | null = null

  constructor(
    queue: RequestQueue,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
    fields: Http2Fields,
  ) {
    const { body } = options
    this.fields = fields
    this.#queue = queue
    this.#handler = handler
    // Calls of gRPC may be silent as event streams may; that the backend is alive, pings tell.
    this.#idleMs = fields.grpc ? 0 : (options.bodyTimeout ?? queue.timeouts.idleMs)
    const broken = (error: Error): void => this.abort(error)
    this.#upload =
      body instanceof Readable
        ? new RequestUpload(body, () => (this.since = performance.now()), broken)
        : undefined
    this.#payload = Buffer.isBuffer(body) && body.length > 0 ? body : undefined
  }

  get over(): boolean {
    return this.#phase === 'over'
  }

  /** Begins on a session that has room for it. */
  begin(session: Http2Session): void {
    if (this.fields.upgrade && !session.tunnels) {
      this.fail(gatewayErrors.UPGRADE_UNSUPPORTED({}))
      return
    }
    if (!this.#started) {
      this.#started = true
      if (!this.#tell(() => this.#handler.onRequestStart?.(this, {}))) return
    }
    if (this.over) return
    this.#phase = 'head'
    this.#session = session
    this.since = performance.now()
    const bodiless = this.#upload === undefined && this.#payload === undefined && !this.fields.upgrade
    let stream: RequestStream
    try {
      if (this.#upload !== undefined) this.#reset = new AbortController()
      stream = session.open(this, bodiless, this.#reset?.signal)
    } catch (error) {
      // A field that HTTP/2 has no place for.
      this.fail(new errors.InvalidArgumentError((error as Error).message))
      return
    }
    this.#stream = stream
    listen(stream, this)
    if (this.#payload !== undefined) stream.end(this.#payload)
    this.#upload?.into(stream)
  }

  /** The backend gave a sign of life for it. */
  #moved(): void {
    this.since = performance.now()
    this.#session?.heard()
  }

  /** False: the handler threw, and that has become the request's error. */
  #tell(call: () => void): boolean {
    try {
      call()
      return true
    } catch (error) {
      this.abort(error as Error)
      return false
    }
  }

  interim(status: number, raw: string[]): void {
    if (this.#phase !== 'head') return
    this.#interim = true
    this.rawHeaders = plainFields(raw)
    // Not `moved`: a backend that sends them without end never gets to its answer.
    this.#tell(() => this.#handler.onResponseStart?.(this, status, {}, undefined))
  }

  response(status: number, raw: string[], ended: boolean): void {
    if (this.#phase !== 'head') return
    if (fieldBytes(raw) > this.#queue.headerBytes) {
      this.fail(new errors.HeadersOverflowError())
      return
    }
    this.#moved()
    this.#upload?.forget()
    this.rawHeaders = plainFields(raw)
    if (this.fields.upgrade && status >= 200 && status < 300 && !ended) {
      this.#phase = 'tunnel'
      const { key } = this.fields
      if (key !== undefined) this.rawHeaders.push('sec-websocket-accept', webSocketAccept(key))
      this.#tell(() => this.#handler.onRequestUpgrade?.(this, 101, {}, tunnelEnd(this.#stream!)))
      return
    }
    this.#phase = 'body'
    if (ended && this.fields.grpc) {
      const { head, trailers } = splitTrailersOnly(this.rawHeaders)
      this.rawHeaders = head
      this.rawTrailers = trailers
    }
    if (!this.#tell(() => this.#handler.onResponseStart?.(this, status, {}, undefined))) return
    if (this.over) return
    if (ended) this.#finish()
    // Not before: what Node has of the body comes when it is asked for, and the head is told a tick late.
    else if (!this.paused) this.#stream!.resume()
  }

  data(chunk: Buffer): void {
    if (this.#phase !== 'body') return
    this.#moved()
    this.#tell(() => this.#handler.onResponseData?.(this, chunk))
  }

  end(): void {
    if (this.#phase !== 'body') return
    if (this.#stream?.bodyEnded === true) this.#finish()
    else this.fail(this.#session!.failureOf(this.#stream!, this.#error))
  }

  #finish(): void {
    this.#phase = 'over'
    // The answer is complete, whatever of the request is missing: that is not wanted any more (RFC 9113, 8.1).
    if (this.#upload?.ended === false) this.#cancel()
    else this.#stream?.resume()
    this.#tell(() => this.#handler.onResponseEnd?.(this, {}))
  }

  /** Its stream is over, in whatever way. */
  closed(): void {
    this.#session?.closed(this)
    if (this.#phase === 'over' || this.#phase === 'tunnel') return
    const error = this.#session!.failureOf(this.#stream!, this.#error)
    const seen = this.#phase !== 'head' || this.#interim
    if (!seen && error instanceof UnprocessedError) {
      this.#phase = 'waiting'
      this.#stream = undefined
      this.#session = undefined
      this.#error = undefined
      this.#upload?.detach()
      this.since = performance.now()
      const may = this.#upload?.replayable ?? true
      if (may) this.#queue.refused(this, error)
      else this.fail(error)
      return
    }
    this.fail(seen && error instanceof UnprocessedError ? new errors.SocketError(error.message) : error)
  }

  broke(error: Error): void {
    this.#error = error
  }

  /** Ends it with an error of the backend's or of the network's. */
  fail(error: Error): void {
    // It was sent once, and that was refused: what went wrong on the way to another try is no answer to it.
    const unsent = this.#phase === 'waiting' && this.refusals > 0
    this.#over(
      unsent && !(error instanceof UnprocessedError) ? new UnprocessedError(error.message, error) : error,
    )
  }

  /** Ends it from this side. */
  abort(reason: Error): void {
    if (this.over) return
    this.aborted = true
    this.reason = reason
    this.#over(reason)
  }

  #over(error: Error): void {
    if (this.over) return
    this.#phase = 'over'
    this.#cancel()
    this.#handler.onResponseError?.(this, error)
  }

  #cancel(): void {
    const unfinished = this.#upload?.ended === false
    this.#upload?.stop()
    const stream = this.#stream
    if (stream?.closed === true) stream.destroy()
    else if (unfinished) this.#reset?.abort()
    else stream?.close(NGHTTP2_CANCEL)
  }

  pause(): void {
    this.paused = true
    if (this.#phase === 'body') this.#stream?.pause()
  }

  resume(): void {
    this.paused = false
    if (this.#phase !== 'body') return
    this.#moved()
    this.#stream?.resume()
  }

  /** Looks at its time. */
  sweep(now: number): void {
    const { responseMs } = this.#queue.timeouts
    const idle = now - this.since
    if (this.#phase === 'head') {
      if (idle >= responseMs && (this.#upload?.waits ?? true)) this.fail(new errors.HeadersTimeoutError())
    } else if (this.#phase === 'body' && !this.paused && this.#idleMs > 0 && idle >= this.#idleMs) {
      this.fail(new errors.BodyTimeoutError())
    }
  }
}
