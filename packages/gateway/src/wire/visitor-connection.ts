import type { Socket } from 'node:net'
import { awaitTunnel } from '../proxy/tunnel.ts'
import { IncomingBody } from './incoming-body.ts'
import type { ListenerContext, Phase } from './listener-context.ts'
import { RequestHead } from './request-head.ts'
import { MessageSyntaxError } from './syntax-error.ts'
import { answerRefusal, isMisplaced, METHOD_NOT_ALLOWED, type Refusal } from './refusal.ts'
import { ResponseQueue } from './response-queue.ts'
import { UnreadTime } from './unread-time.ts'
import { WireRequest } from './wire-request.ts'
import { WireResponse } from './wire-response.ts'

/** One connection of a visitor: reads requests one after the other and lets their responses out in the same order. */
export class VisitorConnection {
  readonly socket: Socket
  readonly keepAliveFields: string
  readonly #context: ListenerContext
  readonly #head: RequestHead
  /** Unread bytes: a head in parts, or what follows a body that nobody takes. */
  #held: Buffer | undefined = undefined
  #heldAt = 0
  #receiving: IncomingBody | undefined = undefined
  readonly #responses: ResponseQueue
  #paused = false
  #parsing = false
  #gathering = false
  /** What comes now is read and dropped. */
  #deaf = false
  #released = false
  readonly #unread: UnreadTime
  phase: Phase = 'new'
  /** When the phase began, by the listener's clock. */
  since: number

  constructor(socket: Socket, context: ListenerContext) {
    this.socket = socket
    this.#context = context
    this.keepAliveFields = context.keepAliveFields
    this.#head = new RequestHead(context.headLimits)
    this.#responses = new ResponseQueue(socket)
    this.#unread = new UnreadTime(socket)
    this.since = context.now
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('drain', this.#onDrain)
    socket.on('timeout', this.#onTimeout)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#deaf) return
    if (this.#held === undefined) this.#read(chunk, 0)
    else {
      const bytes = Buffer.concat([this.#held.subarray(this.#heldAt), chunk])
      this.#held = undefined
      this.#read(bytes, 0)
    }
  }

  #read(bytes: Buffer, from: number): void {
    let at = from
    this.#parsing = true
    try {
      while (at < bytes.length && !this.#deaf && !this.#released) {
        if (this.#receiving !== undefined) {
          const { req } = this.#receiving
          if (req.full) {
            this.#hold(bytes, at)
            this.#pause()
            return
          }
          at = this.#receiving.read(bytes, at)
          if (this.#receiving.done) this.#received(req)
        } else if (this.#responses.newest?.shouldKeepAlive === false) this.#deaf = true
        else {
          const after = this.#head.read(bytes, at, bytes.length)
          if (after === -1) {
            // Alone: what came before it in the same packet is not kept with it.
            this.#hold(at === 0 ? bytes : Buffer.from(bytes.subarray(at)), 0)
            if (this.phase !== 'head')
              this.#enter(this.#responses.current === undefined ? 'head' : this.phase)
            return
          }
          at = after
          if (!this.#accept(bytes, at)) return
        }
      }
    } catch (error) {
      if (!(error instanceof MessageSyntaxError)) throw error
      this.refuse(error)
    } finally {
      this.#parsing = false
    }
  }

  #hold(bytes: Buffer, at: number): void {
    this.#held = bytes
    this.#heldAt = at
  }

  #enter(phase: Phase): void {
    this.phase = phase
    this.since = this.#context.now
  }

  /** A head is complete. False: the bytes behind it are no requests. */
  #accept(bytes: Buffer, at: number): boolean {
    const { framing, minor, method } = this.#head
    const hasBody = framing.chunked || framing.contentLength > 0
    const req = new WireRequest(this, this.#head, hasBody)
    const keepAlive = !framing.close && (minor === 1 || framing.keepAlive)
    if (method === 'CONNECT') {
      this.#refuseConnect()
      return false
    }
    const res = new WireResponse(this, req, keepAlive)
    if (hasBody) {
      this.#receiving = new IncomingBody(req, framing, this.#context.headLimits)
      this.#enter('body')
    } else this.#enter('serving')
    // Behind requests that are still unanswered there is no upgrade (as RFC 6455, 4.1, has it: GET, HTTP/1.1).
    const upgrade =
      framing.upgrade &&
      this.#responses.current === undefined &&
      method === 'GET' &&
      minor === 1 &&
      framing.protocol?.toLowerCase() === 'websocket'
    this.#responses.add(res)
    if (upgrade) this.#upgrade(req, res, bytes.subarray(at))
    else this.#context.handler.request(req, res, false)
    return !upgrade
  }

  #refuseConnect(): void {
    this.#deaf = true
    if (this.#responses.current === undefined) this.socket.write(METHOD_NOT_ALLOWED)
    this.socket.destroySoon()
  }

  #upgrade(req: WireRequest, res: WireResponse, rest: Buffer): void {
    this.#deaf = true
    res.shouldKeepAlive = false
    this.socket.off('data', this.#onData)
    this.socket.off('end', this.#onEnd)
    awaitTunnel(this.socket, rest)
    this.#context.handler.request(req, res, true)
  }

  #received(req: WireRequest): void {
    this.#receiving = undefined
    if (this.phase === 'body') this.#enter(this.#responses.current === undefined ? 'idle' : 'serving')
    req.finish()
  }

  #pause(): void {
    this.#paused = true
    this.socket.pause()
  }

  proceed(): void {
    if (this.#parsing || !this.#paused || this.#deaf) return
    const held = this.#held
    this.#paused = false
    this.#held = undefined
    if (held !== undefined) this.#read(held, this.#heldAt)
    // Otherwise it is full again.
    if (!this.#paused) this.socket.resume()
  }

  gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    this.socket.cork()
    process.nextTick(release, this)
  }

  uncork(): void {
    this.#gathering = false
    this.socket.uncork()
  }

  readonly written = (error?: Error | null): void => {
    if (error !== undefined && error !== null) return
    const res = this.#responses.take()
    if (res === undefined) return
    if (this.socket.timeout) this.socket.setTimeout(0)
    res.finished()
    if (!res.shouldKeepAlive) {
      this.#finish(res.req)
      return
    }
    if (!res.req.complete) res.req.discard()
    if (!this.#responses.advance() && this.phase === 'serving')
      this.#enter(this.#held === undefined ? 'idle' : 'head')
  }

  /** After the last response. While its request is still coming, a close would reset the connection before it is read. */
  #finish(req: WireRequest): void {
    this.#deaf = true
    if (req.complete) {
      this.socket.destroySoon()
      return
    }
    this.#enter('closing')
    this.socket.end()
    this.socket.resume()
  }

  /** Answers what cannot be read or did not arrive, unless that would be taken for another answer; then it is over. */
  refuse(refusal: Refusal): void {
    this.#deaf = true
    const misplaced = isMisplaced(this.#responses.current)
    this.#abandon()
    if (misplaced || !this.socket.writable) {
      this.socket.destroy()
      return
    }
    this.socket.end(answerRefusal(refusal, this.#context))
    this.#enter('closing')
    this.socket.resume()
  }

  /** For how long the visitor has read nothing of what waits for them. Asked at every sweep. */
  unreadMs(): number {
    return this.#unread.ms(this.#context.now)
  }

  /** Whether a response is expected by the visitor. */
  get busy(): boolean {
    return this.#responses.current !== undefined
  }

  #abandon(): void {
    const receiving = this.#receiving
    this.#receiving = undefined
    receiving?.req.abandon()
    this.#responses.abandon()
  }

  release(): void {
    this.#released = true
    const { socket } = this
    this.#responses.take()
    socket.off('drain', this.#onDrain)
    socket.off('timeout', this.#onTimeout)
    socket.off('close', this.#onClose)
    this.#context.forget(this)
  }

  readonly #onEnd = (): void => {
    const partial = this.#receiving !== undefined || (this.phase === 'head' && this.#head.begun)
    if (partial && !this.#deaf) this.refuse(new MessageSyntaxError('it ends in the middle'))
    else this.socket.destroySoon()
  }

  readonly #onDrain = (): void => this.#responses.current?.drained()

  readonly #onTimeout = (): void => void this.socket.destroy()

  readonly #onError = (): void => void this.socket.destroy()

  readonly #onClose = (): void => {
    this.#deaf = true
    this.#context.forget(this)
    this.#abandon()
  }
}

const release = (connection: VisitorConnection): void => connection.uncork()
