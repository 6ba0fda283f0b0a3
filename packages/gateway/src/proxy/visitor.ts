import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange } from './exchange.ts'

/** What is given a limit of silence, or cut off, without touching other requests. */
export interface VisitorStream {
  /** Without a byte in either direction; 0: no limit. */
  setTimeout(ms: number): unknown
  destroy(): unknown
}

/**
 * A visitor's request as the proxy needs it, whichever protocol it came by and whoever parsed it. node:http's
 * IncomingMessage is one.
 */
export interface VisitorRequest {
  readonly method?: string | undefined
  /** The target as it was sent, or what stands for it in HTTP/2. */
  readonly url?: string | undefined
  /** Name, value, name, value …; without pseudo-headers. */
  readonly rawHeaders: string[]
  /** By lower-case name; only for fields that are looked at. */
  readonly headers: IncomingHttpHeaders
  readonly httpVersionMajor: number
  readonly httpVersionMinor: number
  /** All of it has arrived. */
  readonly complete: boolean
  readonly destroyed: boolean
  /** The connection, which in HTTP/2 other requests use as well. */
  readonly socket: Socket
  /** HTTP/2: what of the connection is this request's alone. Undefined: all of it. */
  readonly stream?: VisitorStream
  pause(): unknown
  resume(): unknown
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  on(event: 'end' | 'close', listener: () => void): unknown
  once(event: 'end' | 'close', listener: () => void): unknown
  off(event: 'data', listener: (chunk: Buffer) => void): unknown
  off(event: 'end' | 'close', listener: () => void): unknown
}

/** The response to it. node:http's ServerResponse is one, with its exchange (`ProxyResponse`). */
export interface VisitorResponse {
  /** So that event listeners are shared functions instead of closures per request. */
  exchange: Exchange | undefined
  /** Whether the connection may carry another request afterwards. */
  shouldKeepAlive: boolean
  readonly headersSent: boolean
  /** Null: the answer to an earlier request of the connection is still under way. */
  readonly socket: Socket | null
  /** Its body has no announced length, so that trailers can follow. */
  readonly chunkedEncoding: boolean
  writeHead(status: number, headers: string[]): unknown
  writeHead(status: number, reason: string, headers: string[]): unknown
  /** False: wait for `drain`. */
  write(chunk: Buffer): boolean
  end(chunk?: Buffer | string, encoding?: BufferEncoding): unknown
  flushHeaders(): void
  /** 100, 102 and 103; the proxy calls them for visitors of HTTP/1.1 and later only. */
  writeContinue(): void
  writeProcessing(): void
  writeEarlyHints(hints: { link: string[] }): void
  addTrailers(trailers: OutgoingHttpHeaders | readonly [string, string][]): void
  /** Ends it so that the visitor can tell that something is missing. */
  destroy(): unknown
  on(event: 'close' | 'drain', listener: (this: this) => void): unknown
  once(event: 'close' | 'drain' | 'finish', listener: () => void): unknown
  /** Lets go of the connection, which becomes a tunnel. */
  detachSocket(socket: Socket): void
}
