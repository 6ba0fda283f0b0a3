import { connect, type ClientHttp2Session, type Settings } from 'node:http2'
import type { Socket } from 'node:net'
import { errors } from 'undici'
import { dial, type Dialled } from './dial.ts'
import { ConnectionLostError, NotHttp2Error, streamFailure } from './http2-errors.ts'
import { protectFromUnreadable } from './unreadable-sessions.ts'
import type { Http2Request } from './http2-request.ts'
import type { RequestStream } from './http2-stream.ts'

/** Of one answer's body, so much may be here before its visitor takes it. */
const STREAM_WINDOW = 262_144
/** Under way on one connection; Node takes up what arrives at once, so that it bounds speed and not memory. */
const CONNECTION_WINDOW = 4_194_304
/** A frame's header costs as much as one of a megabyte does, and Node makes one buffer of each. */
const FRAME_BYTES = 65_536
/** At once on one connection, also where the peer would take more: what one lost packet or one full socket holds up. */
const MAX_STREAMS = 100
/** In Node's own queues for one connection, in MB. */
const SESSION_MEMORY = 64
/** Of one connection's life: numbers of streams end at 2³¹. */
const MAX_REQUESTS = 1_000_000
/** A field is counted with 32 bytes besides its own (RFC 9113, 6.5.2). */
const FIELD_BYTES = 32
/** What visitors may send twice in HTTP/1.1, backends get twice. (Not in the types of Node's clients.) */
const LENIENT = { strictSingleValueFields: false }
/** After the first of a silence, further pings: servers of gRPC take more than one in five minutes for an attack. */
const FURTHER_PING_MS = 300_000

export interface SessionLimits {
  connectMs: number
  /** A connection that no request uses is closed after it. */
  keepAliveMs: number
  /** Silence with requests in progress, after which the backend is asked for a sign of life; it has `connectMs` for it. */
  pingMs: number
  responseHeaderBytes: number
  requestHeaderBytes: number
}

/** What a session tells its owner. */
export interface SessionOwner extends Dialled {
  readonly limits: SessionLimits
  /** The peer has said how much it takes. */
  ready(session: Http2Session): void
  /** There is room for another request. */
  freed(session: Http2Session): void
  /** It takes no further requests. */
  leaving(session: Http2Session): void
  /** Before it was ready: nobody has used it. */
  failed(session: Http2Session, error: Error): void
  closed(session: Http2Session): void
}

/** One connection of HTTP/2 to a backend. */
export class Http2Session {
  readonly #owner: SessionOwner
  readonly #socket: Socket
  readonly #requests = new Set<Http2Request>()
  #session: ClientHttp2Session | undefined = undefined
  #state: 'connecting' | 'ready' | 'leaving' | 'closed' = 'connecting'
  #timer: NodeJS.Timeout | undefined
  #capacity = 0
  #begun = 0
  #lastSeen = Infinity
  #heard = false
  #quietSince = 0
  #pings = 0
  /** Streams may become tunnels (RFC 8441). */
  tunnels = false
  /** Why it is gone, where that is known. */
  lost: Error | undefined = undefined

  constructor(owner: SessionOwner) {
    this.#owner = owner
    const { connectMs } = owner.limits
    this.#socket = dial(owner, (offered) => {
      if (offered) this.#begin()
      else this.cut(new NotHttp2Error('the backend does not offer HTTP/2 (ALPN h2)'))
    })
    this.#socket.on('error', (error) => (this.lost ??= error))
    this.#socket.on('close', () => this.#gone())
    this.#timer = setTimeout(() => this.cut(new errors.ConnectTimeoutError()), connectMs)
  }

  #begin(): void {
    const { target, limits } = this.#owner
    const { requestHeaderBytes, responseHeaderBytes } = limits
    const host = target.host.includes(':') ? `[${target.host}]` : target.host
    const session = connect(`${target.protocol}://${host}:${target.port}`, {
      createConnection: () => this.#socket,
      settings: {
        enablePush: false,
        initialWindowSize: STREAM_WINDOW,
        maxFrameSize: FRAME_BYTES,
        maxHeaderListSize: responseHeaderBytes,
      },
      maxSessionMemory: SESSION_MEMORY,
      maxHeaderListPairs: Math.ceil(responseHeaderBytes / FIELD_BYTES),
      // Names and values once more for what the proxy adds.
      maxSendHeaderBlockLength: requestHeaderBytes * 2 + 65_536,
      ...LENIENT,
    })
    this.#session = session
    protectFromUnreadable(session)
    session.on('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW))
    session.on('remoteSettings', (settings) => this.#settings(settings))
    session.on('goaway', (_code: number, lastStreamId: number) => {
      this.#lastSeen = Math.min(this.#lastSeen, lastStreamId)
      this.leave()
    })
    session.on('error', (error) => (this.lost ??= new ConnectionLostError(error.message, error)))
    session.on('close', () => this.#socket.destroy())
  }

  #settings({ maxConcurrentStreams = MAX_STREAMS, enableConnectProtocol = false }: Settings): void {
    this.#capacity = Math.min(maxConcurrentStreams, MAX_STREAMS)
    this.tunnels = enableConnectProtocol
    if (this.#state === 'connecting') {
      this.#state = 'ready'
      clearTimeout(this.#timer)
      this.#timer = undefined
      this.#quietSince = performance.now()
      this.#owner.ready(this)
    } else if (this.room > 0) this.#owner.freed(this)
  }

  get ready(): boolean {
    return this.#state === 'ready'
  }

  get capacity(): number {
    return this.#capacity
  }

  get room(): number {
    return this.#state === 'ready' ? this.#capacity - this.#requests.size : 0
  }

  /** Why a stream ended, as the proxy is told; `error` is what Node found. */
  failureOf({ id, rstCode }: RequestStream, error: Error | undefined): Error {
    // Without a number it never left; others the peer said that it did not look at.
    const unseen = id === undefined || id > this.#lastSeen
    return streamFailure(rstCode, unseen, this.lost ?? error)
  }

  /** Throws for fields that HTTP/2 cannot carry. */
  open(request: Http2Request, bodiless: boolean, signal: AbortSignal | undefined): RequestStream {
    const stream = this.#session!.request(
      request.fields.raw,
      signal === undefined ? { endStream: bodiless } : { endStream: bodiless, signal },
    ) as RequestStream
    if (this.#requests.size === 0) this.#quiet(performance.now())
    this.#requests.add(request)
    if (++this.#begun >= MAX_REQUESTS) this.leave()
    return stream
  }

  closed(request: Http2Request): void {
    this.#requests.delete(request)
    if (this.#requests.size === 0) this.#quietSince = performance.now()
    if (this.room > 0) this.#owner.freed(this)
  }

  /** A sign of life. */
  heard(): void {
    this.#heard = true
  }

  #quiet(since: number): void {
    this.#quietSince = since
    this.#pings = 0
  }

  sweep(now: number): void {
    if (this.#state === 'connecting' || this.#state === 'closed') return
    const { connectMs, keepAliveMs, pingMs } = this.#owner.limits
    if (this.#requests.size === 0) {
      const quietMs = now - this.#quietSince
      if (this.#state === 'leaving') {
        // Node has said goodbye and waits for the backend to close as well.
        if (quietMs >= keepAliveMs + connectMs) this.#socket.destroy()
      } else if (quietMs >= keepAliveMs) this.leave()
      return
    }
    for (const request of this.#requests) request.sweep(now)
    if (this.#heard) {
      this.#heard = false
      this.#quiet(now)
    } else if (now - this.#quietSince >= (this.#pings === 0 ? pingMs : FURTHER_PING_MS)) this.#ping(now)
  }

  #ping(now: number): void {
    if (this.#timer !== undefined) return
    this.#pings++
    this.#quietSince = now
    const { connectMs } = this.#owner.limits
    this.#timer = setTimeout(
      () => this.cut(new ConnectionLostError(`the backend did not answer a ping within ${connectMs} ms`)),
      connectMs,
    )
    this.#session!.ping(() => {
      clearTimeout(this.#timer)
      this.#timer = undefined
    })
  }

  /** Takes no further requests, and closes when those it has are over. */
  leave(): void {
    if (this.#state !== 'ready') return
    this.#state = 'leaving'
    this.#owner.leaving(this)
    this.#session!.close()
  }

  /** Ends it with everything on it. */
  cut(reason: Error): void {
    this.lost ??= reason
    this.#session?.destroy()
    this.#socket.destroy()
  }

  #gone(): void {
    if (this.#state === 'closed') return
    const { lost } = this
    const failed = this.#state === 'connecting'
    const before = this.#session === undefined
    this.#state = 'closed'
    clearTimeout(this.#timer)
    if (failed) {
      const reason = before
        ? new ConnectionLostError('the backend closed the connection')
        : new NotHttp2Error('the backend does not answer in HTTP/2', { cause: lost })
      const known = lost instanceof ConnectionLostError || !before ? undefined : lost
      this.#owner.failed(this, lost instanceof errors.ConnectTimeoutError ? lost : (known ?? reason))
    } else this.#owner.leaving(this)
    this.#owner.closed(this)
  }
}
