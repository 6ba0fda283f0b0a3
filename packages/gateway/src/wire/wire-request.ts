import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { VisitorRequest } from '../proxy/visitor.ts'
import { headersByName } from './headers-by-name.ts'

/** Bytes of a body that wait for someone to take them; then nothing more is read from the visitor. */
const WAITING_BYTES = 65_536
/** Each costs memory of its own, however small. */
const WAITING_CHUNKS = 256

type Listener = (chunk: Buffer) => void
type Notice = () => void

/** What a request asks of the connection that it came by. */
export interface RequestSource {
  readonly socket: Socket
  /** There is room for more of the body. */
  proceed(): void
}

/** A visitor's request. Without a body it is only data; a body waits here until someone listens, 64 KiB of it at most. */
export class WireRequest implements VisitorRequest {
  readonly method: string
  readonly url: string
  readonly rawHeaders: string[]
  readonly httpVersionMajor = 1
  readonly httpVersionMinor: number
  readonly socket: Socket
  complete: boolean
  destroyed = false
  readonly #source: RequestSource
  #headers: IncomingHttpHeaders | undefined = undefined
  #flowing = false
  #planned = false
  #ended = false
  #waiting: Buffer[] | undefined = undefined
  #waitingBytes = 0
  #data: Listener[] | undefined = undefined
  #end: Notice[] | undefined = undefined
  #close: Notice[] | undefined = undefined

  constructor(
    source: RequestSource,
    head: { method: string; target: string; pairs: string[]; minor: number },
    hasBody: boolean,
  ) {
    this.#source = source
    this.socket = source.socket
    this.method = head.method
    this.url = head.target
    this.rawHeaders = head.pairs
    this.httpVersionMinor = head.minor
    this.complete = !hasBody
  }

  get headers(): IncomingHttpHeaders {
    return (this.#headers ??= headersByName(this.rawHeaders))
  }

  /** No more of its body can be taken now. */
  get full(): boolean {
    return (
      this.#waitingBytes >= WAITING_BYTES ||
      (this.#waiting !== undefined && this.#waiting.length >= WAITING_CHUNKS)
    )
  }

  pause(): void {
    this.#flowing = false
  }

  resume(): void {
    if (this.#flowing) return
    this.#flowing = true
    this.#plan()
  }

  on(event: 'data' | 'end' | 'close', listener: Listener | Notice): this {
    if (event === 'data') {
      ;(this.#data ??= []).push(listener as Listener)
      this.resume()
    } else if (event === 'end') (this.#end ??= []).push(listener as Notice)
    else (this.#close ??= []).push(listener as Notice)
    return this
  }

  once(event: 'end' | 'close', listener: Notice): this {
    // Both happen once.
    return this.on(event, listener)
  }

  off(event: 'data' | 'end' | 'close', listener: Listener | Notice): this {
    if (event === 'data') this.#data = this.#data?.filter((each) => each !== listener)
    else if (event === 'end') this.#end = this.#end?.filter((each) => each !== listener)
    else this.#close = this.#close?.filter((each) => each !== listener)
    return this
  }

  /** Not before the present code is through: whoever listens to data listens to the end next. */
  #plan(): void {
    if (this.#planned) return
    this.#planned = true
    process.nextTick(flow, this)
  }

  /** Hands out what waits, and asks for more. */
  flow(): void {
    this.#planned = false
    while (this.#flowing && this.#waiting !== undefined && this.#waiting.length > 0) {
      const chunk = this.#waiting.shift()!
      this.#waitingBytes -= chunk.length
      this.#emit(chunk)
    }
    if (!this.#flowing || this.destroyed) return
    if (this.complete) this.#finish()
    else this.#source.proceed()
  }

  #emit(chunk: Buffer): void {
    if (this.#data !== undefined) for (const listener of this.#data) listener(chunk)
  }

  #finish(): void {
    if (this.#ended) return
    this.#ended = true
    notify(this.#end)
    this.destroyed = true
    notify(this.#close)
  }

  /** From the connection: a part of the body. */
  receive(chunk: Buffer): void {
    if (this.#flowing && !this.#planned && this.#waitingBytes === 0) {
      this.#emit(chunk)
      return
    }
    ;(this.#waiting ??= []).push(chunk)
    this.#waitingBytes += chunk.length
  }

  /** From the connection: that was all of it. */
  finish(): void {
    this.complete = true
    if (this.#flowing && !this.#planned && this.#waitingBytes === 0) this.#finish()
  }

  /** From the connection: the answer is out, and what is still to come of the body is for nobody. */
  discard(): void {
    this.#data = undefined
    this.#waiting = undefined
    this.#waitingBytes = 0
    this.#flowing = true
    this.#plan()
  }

  /** From the connection, which is gone. */
  abandon(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#waiting = undefined
    this.#waitingBytes = 0
    notify(this.#close)
  }
}

const flow = (request: WireRequest): void => request.flow()

function notify(listeners: Notice[] | undefined): void {
  if (listeners !== undefined) for (const listener of listeners) listener()
}
