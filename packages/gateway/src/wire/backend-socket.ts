import type { Socket } from 'node:net'
import { errors } from 'undici'
import type { BackendCall } from './backend-call.ts'
import { dial, dialStream, owned } from './dial.ts'
import { RequestSender } from './request-sender.ts'
import type { ResponseHead } from './response-head.ts'
import { ResponseReader, type ResponseEvents } from './response-reader.ts'
import { MessageSyntaxError } from './syntax-error.ts'
import type { SocketOwner } from './socket-owner.ts'

/** Of the time that a backend announces, so much is left for a request on its way. */
const KEEP_ALIVE_MARGIN_MS = 1_000

/** One connection to a backend over plain TCP. It carries one request at a time. */
export class BackendSocket implements ResponseEvents {
  readonly #owner: SocketOwner
  readonly #socket: Socket
  readonly #reader: ResponseReader
  #call: BackendCall | undefined = undefined
  #sender: RequestSender | undefined = undefined
  #timer: NodeJS.Timeout | undefined
  #error: Error | undefined = undefined
  readonly #tunnel: boolean
  #switched = false
  /** When it last moved, by the owner's clock. */
  #since = 0
  /** No request is sent on it later than this, by performance.now(). */
  #usableUntil = 0
  connecting = true

  /** `tunnel`: for a request that asks for an upgrade, after which the bytes belong to someone else. */
  constructor(owner: SocketOwner, tunnel: boolean) {
    this.#owner = owner
    const { host, port, connectMs, head } = owner.settings
    this.#reader = new ResponseReader(head, this)
    this.#tunnel = tunnel
    this.#socket = tunnel
      ? dialStream(host, port)
      : dial(host, port, (bytes, length) => this.#receive(bytes, length))
    if (tunnel) this.#socket.on('data', this.#onData)
    this.#timer = setTimeout(() => this.destroy(new errors.ConnectTimeoutError()), connectMs)
    this.#socket.on('connect', this.#onConnect)
    this.#socket.on('end', this.#onEnd)
    this.#socket.on('error', this.#onError)
    this.#socket.on('close', this.#onClose)
  }

  readonly #onConnect = (): void => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.connecting = false
    this.#usableUntil = performance.now() + this.#owner.settings.keepAliveMs
    this.#owner.connected(this)
  }

  /** Whether it can carry a request: a broken one is known to its owner as idle until its end has been told. */
  usable(now: number): boolean {
    return this.#usableUntil > now && !this.#socket.destroyed
  }

  /** False: it was given up before anything was sent, and the connection can carry another. */
  send(call: BackendCall): boolean {
    try {
      call.handler.onRequestStart?.(call, {})
    } catch (error) {
      call.abort(error as Error)
    }
    if (call.aborted) return false
    this.#call = call
    call.socket = this
    this.#since = this.#owner.now
    this.#reader.expect(call.options.method)
    this.#write(call)
    return true
  }

  #write(call: BackendCall): void {
    const { text, bodyBytes } = call.head
    const { body } = call.options
    if (bodyBytes === 0) {
      this.#socket.write(text, 'latin1')
      // Announced as empty, it is read all the same, so that whoever gives it sees that it was.
      if (body !== null && body !== undefined && !(body instanceof Uint8Array)) this.#sendBody(call)
    } else if (body instanceof Uint8Array) {
      this.#socket.cork()
      this.#socket.write(text, 'latin1')
      this.#socket.write(body)
      this.#socket.uncork()
    } else {
      // The beginning of a body that is there already leaves together with the head.
      this.#socket.cork()
      this.#socket.write(text, 'latin1')
      this.#sendBody(call)
      setImmediate(uncork, this.#socket)
    }
  }

  #sendBody(call: BackendCall): void {
    const sent = (): void => {
      this.#since = this.#owner.now
    }
    this.#sender = new RequestSender(this.#socket, call, sent, (error) => {
      if (this.#call === call) this.fail(error)
    })
  }

  readonly #onData = (chunk: Buffer): void => this.#receive(chunk, chunk.length)

  #receive(bytes: Buffer, length: number): void {
    const call = this.#call
    if (call === undefined) {
      // Nobody has asked for it: it would be the answer to whoever comes next.
      this.#socket.destroy()
      return
    }
    this.#since = this.#owner.now
    try {
      const read = this.#reader.read(bytes, length)
      if (this.#call !== call) return
      if (this.#switched) this.#handOver(call, bytes.subarray(read, length))
      else if (this.#reader.done) this.#complete(call, read < length)
    } catch (error) {
      this.fail(error as Error)
    }
  }

  head(head: ResponseHead): boolean {
    const call = this.#call
    // The handler has had enough of it.
    if (call === undefined) return true
    const { status, pairs, reason, framing } = head
    call.rawHeaders = pairs
    if (status === 101) {
      if (!call.upgrade || !framing.upgrade) throw new MessageSyntaxError('a 101 that nobody asked for')
      this.#switched = true
      return true
    }
    call.handler.onResponseStart?.(call, status, {}, reason)
    return this.#call === undefined
  }

  data(bytes: Buffer, from: number, to: number): void {
    const call = this.#call
    if (call === undefined) return
    const part = owned(bytes, from, to)
    call.handler.onResponseData?.(call, part)
  }

  /** `more`: bytes came behind the response. */
  #complete(call: BackendCall, more: boolean): void {
    const reader = this.#reader
    const sent = this.#sender?.done !== false
    this.#call = undefined
    call.socket = undefined
    call.rawTrailers = reader.trailers ?? null
    this.#sender?.abandon()
    this.#sender = undefined
    if (reader.reusable && !more && sent && !this.#tunnel && this.#keep(reader.keepAliveSeconds)) {
      if (call.paused) this.#socket.resume()
      this.#owner.idle(this)
    } else this.#socket.destroy()
    if (!call.finish()) return
    try {
      call.handler.onResponseEnd?.(call, {})
    } catch (error) {
      call.handler.onResponseError?.(call, error as Error)
    }
  }

  /** Until when another request may be sent; false: none. */
  #keep(announcedSeconds: number): boolean {
    const { keepAliveMs } = this.#owner.settings
    const announced = announcedSeconds < 0 ? keepAliveMs : announcedSeconds * 1_000 - KEEP_ALIVE_MARGIN_MS
    const ms = Math.min(keepAliveMs, announced)
    this.#usableUntil = performance.now() + ms
    return ms > 0
  }

  #handOver(call: BackendCall, rest: Buffer): void {
    const socket = this.#socket
    this.#call = undefined
    call.socket = undefined
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('error', this.#onError)
    socket.off('close', this.#onClose)
    socket.pause()
    if (rest.length > 0) socket.unshift(rest)
    this.#owner.closed(this, undefined)
    if (call.finish()) call.handler.onRequestUpgrade?.(call, 101, {}, socket)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#since = this.#owner.now
    this.#socket.resume()
  }

  /** Ends the connection and the call that it carries. */
  fail(error: Error): void {
    const call = this.#call
    this.#call = undefined
    this.#sender?.abandon()
    this.#sender = undefined
    this.#socket.destroy()
    if (call === undefined) return
    call.socket = undefined
    call.fail(error)
  }

  /** Looks at the time, from the owner's sweep. `now` by performance.now(); `intervalMs`: how old the owner's clock may be. */
  check(now: number, intervalMs: number): void {
    if (this.connecting) return
    const call = this.#call
    if (call === undefined) {
      if (now >= this.#usableUntil) this.#socket.destroy()
      return
    }
    const silent = this.#owner.now - this.#since - intervalMs
    const { responseMs, idleMs } = this.#owner.settings
    if (this.#reader.inBody) {
      const limit = call.options.bodyTimeout ?? idleMs
      if (limit > 0 && silent > limit && !call.paused) this.fail(new errors.BodyTimeoutError())
      // While the visitor is slow to send, the backend has nothing to answer.
    } else if (silent > responseMs && (this.#sender?.done !== false || this.#socket.writableNeedDrain))
      this.fail(new errors.HeadersTimeoutError())
  }

  readonly #onEnd = (): void => {
    const call = this.#call
    if (call !== undefined && this.#reader.end()) this.#complete(call, false)
    else this.#fail()
  }

  readonly #onError = (error: Error): void => {
    this.#error = error
  }

  readonly #onClose = (): void => {
    clearTimeout(this.#timer)
    this.#fail()
    this.#owner.closed(this, this.#error ?? new errors.SocketError('other side closed'))
  }

  #fail(): void {
    this.fail(this.#error ?? new errors.SocketError('other side closed'))
  }

  /** Ends it, and what it carries with this error. */
  destroy(error: Error): void {
    this.#error = error
    this.#fail()
  }
}

const uncork = (socket: Socket): void => socket.uncork()
