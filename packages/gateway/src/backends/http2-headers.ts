import { createHash } from 'node:crypto'
import { constants, sensitiveHeaders } from 'node:http2'
import type { Dispatcher } from 'undici'
import { isTrailerField } from '../proxy/header-names.ts'

/** What of HTTP/1.1 has no place in HTTP/2 (RFC 9113, 8.2.2). Most of it is gone by then. */
const NOT_HERE: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])
/** Not kept in the table of a connection that many visitors share (RFC 7541, 7.1.3). */
const NEVER_INDEXED = ['authorization', 'cookie']
/** Not gRPC-Web, whose trailers are part of its bodies. */
const GRPC = /^application\/grpc(?:$|[+;])/
/** RFC 6455, 1.3. */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A request's fields as node:http2 takes them, and what was seen among them. */
export interface Http2Fields {
  raw: string[]
  /** A call of gRPC: its streams may be silent for as long as both sides like. */
  grpc: boolean
  /** To a WebSocket. */
  upgrade: boolean
  /** Of its handshake. */
  key: string | undefined
}

/** Names in lower case, Host as `:authority`, an upgrade as extended CONNECT (RFC 8441). */
export function http2Fields(options: Dispatcher.DispatchOptions, scheme: 'http' | 'https'): Http2Fields {
  const { HTTP2_HEADER_AUTHORITY, HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH } = constants
  const headers = options.headers as readonly string[]
  const upgrade = options.upgrade !== null && options.upgrade !== undefined
  const raw = [HTTP2_HEADER_METHOD, upgrade ? 'CONNECT' : options.method]
  if (upgrade) raw.push(':protocol', 'websocket')
  raw.push(constants.HTTP2_HEADER_SCHEME, scheme, HTTP2_HEADER_PATH, options.path)
  let grpc = false
  let key: string | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase()
    const value = headers[i + 1]!
    if (name === 'host') raw.push(HTTP2_HEADER_AUTHORITY, value)
    else if (NOT_HERE.has(name)) continue
    else if (upgrade && name === 'sec-websocket-key') key = value
    else {
      if (name === 'content-type') grpc = GRPC.test(value)
      raw.push(name, value)
    }
  }
  Object.assign(raw, { [sensitiveHeaders]: NEVER_INDEXED })
  return { raw, grpc, upgrade, key }
}

/** What a backend that is asked by extended CONNECT does not say, and a visitor of HTTP/1.1 waits for. */
export const webSocketAccept = (key: string): string =>
  createHash('sha1')
    .update(key + WEBSOCKET_GUID)
    .digest('base64')

/** As RFC 9113, 6.5.2, counts them, but for its allowance for each. Node’s own limits let more pass. */
export function fieldBytes(raw: readonly string[]): number {
  let bytes = 0
  for (const text of raw) bytes += text.length
  return bytes
}

/** Of HTTP, and not of the call, in an answer of gRPC that is only a head. */
const OF_THE_HEAD: ReadonlySet<string> = new Set(['content-type', 'date', 'server', 'via', 'alt-svc'])

/**
 * The two halves of a gRPC answer that is only a head (Trailers-Only, of gRPC over HTTP/2). Visitors may get head and end apart, and
 * their libraries look for the call's status among a head’s fields only where the stream ends with it.
 */
export function splitTrailersOnly(raw: readonly string[]): { head: string[]; trailers: string[] } {
  const head: string[] = []
  const trailers: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    // Nothing has a length that trailers follow.
    if (raw[i] === 'content-length') continue
    const own = OF_THE_HEAD.has(raw[i]!) || !isTrailerField(raw[i]!)
    ;(own ? head : trailers).push(raw[i]!, raw[i + 1]!)
  }
  return { head, trailers }
}

/** Without pseudo-headers, which come first. */
export const plainFields = (raw: string[]): string[] => {
  let at = 0
  while (at < raw.length && raw[at]!.startsWith(':')) at += 2
  return at === 0 ? raw : raw.slice(at)
}
