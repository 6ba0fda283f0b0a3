import type { Socket } from 'node:net'
import {
  classifyRequest,
  CONNECTION,
  CONTENT_LENGTH,
  DROP,
  CLIENT_ADDRESS,
  FORWARDING,
  HOST,
  KEEP,
  namedInConnection,
  REQUEST_ID,
  TE,
  TRACEPARENT,
  TRACESTATE,
  TRANSFER_ENCODING,
  UPGRADE,
  VIA,
} from './header-names.ts'
import { isHost } from './host-header.ts'
import { createTraceId, createTraceparent, isRequestId, isTraceparent } from './trace-context.ts'
import type { VisitorRequest } from './visitor.ts'

export interface ForwardingPolicy {
  readonly trusted: (address: string | undefined) => boolean
  via: string | undefined
  /** Undefined: no trace is begun here. */
  traceSampleRatio: number | undefined
}

/** A request's headers as the backend gets them, and what was learned on the way. */
export class RequestHeaders {
  /** Name, value, name, value … */
  readonly raw: string[] = []
  host: string | undefined
  /** `http` or `https`, as the visitor used it, as far as a trusted proxy says so. */
  scheme = 'http'
  contentLength = -1
  chunked = false
  /** Whether the request came with any header that says it was forwarded. */
  forwarded = false
  /** X-Forwarded-For of a trusted proxy. */
  forwardedFor: string | undefined = undefined
  /** Whether it asked for another protocol. */
  upgrade = false
  /** Undefined: the request belongs to no trace. */
  traceId: string | undefined = undefined
  requestId = ''
  /** Why the request must be refused. */
  problem: string | undefined

  get hasBody(): boolean {
    return this.chunked || this.contentLength > 0
  }
}

/**
 * Filters hop-by-hop headers (RFC 9110, 7.6.1), replaces what visitors could forge, and adds trace context. One pass
 * over the raw array; names and order stay as they came.
 */
export function forwardRequestHeaders(
  req: VisitorRequest,
  policy: ForwardingPolicy,
  strippedPrefix?: string,
  hostOverride?: string,
): RequestHeaders {
  const headers = new RequestHeaders()
  const { rawHeaders } = req
  const { raw } = headers
  const remote = req.socket.remoteAddress
  const trusted = policy.trusted(remote)
  let named: Set<string> | undefined
  let traceparent: string | undefined
  let tracestate: string | undefined
  let trailers = false
  let via: string | undefined
  let forwardedFor: string | undefined
  let forwardedProto: string | undefined
  let forwardedHost: string | undefined
  let forwarded: string | undefined

  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    const value = rawHeaders[i + 1]!
    switch (classifyRequest(name)) {
      case KEEP:
        raw.push(name, value)
        break
      case DROP:
        break
      case UPGRADE:
        headers.upgrade = true
        break
      case HOST:
        if (headers.host !== undefined) headers.problem = 'there are two Host headers'
        headers.host = value
        break
      case CONNECTION:
        named = namedInConnection(value, named)
        break
      case CONTENT_LENGTH:
        headers.contentLength = Number(value)
        raw.push(name, value)
        break
      case TRANSFER_ENCODING:
        headers.chunked = true
        // Proxies of that time passed it on without a word about it: where the body ends is anybody's guess.
        if (req.httpVersionMinor === 0 && req.httpVersionMajor === 1)
          headers.problem = 'HTTP/1.0 has no transfer codings'
        if (value.toLowerCase() !== 'chunked')
          headers.problem = 'only the transfer coding chunked is accepted'
        break
      case TE:
        // Of what it may list, trailers are all that this gateway passes on.
        trailers ||= /(?:^|,)\s*trailers\s*(?:,|$)/i.test(value)
        break
      case TRACEPARENT:
        if (isTraceparent(value)) traceparent = value
        break
      case TRACESTATE:
        tracestate = tracestate === undefined ? value : `${tracestate},${value}`
        break
      case REQUEST_ID:
        if (isRequestId(value)) headers.requestId = value
        break
      case CLIENT_ADDRESS:
        headers.forwarded = true
        raw.push(name, value)
        break
      case VIA:
        headers.forwarded = true
        via = via === undefined ? value : `${via}, ${value}`
        break
      case FORWARDING:
        headers.forwarded = true
        if (!trusted) break
        switch (name.toLowerCase()) {
          case 'x-forwarded-for':
            forwardedFor = forwardedFor === undefined ? value : `${forwardedFor}, ${value}`
            break
          case 'x-forwarded-proto':
            forwardedProto = value
            break
          case 'x-forwarded-host':
            forwardedHost = value
            break
          case 'forwarded':
            forwarded = forwarded === undefined ? value : `${forwarded}, ${value}`
            break
          default:
            raw.push(name, value)
        }
        break
      default:
        raw.push(name, value)
    }
  }
  if (named !== undefined) removeNamed(raw, named)

  if (trailers) raw.push('te', 'trailers')
  if (hostOverride !== undefined) headers.host = hostOverride
  if (headers.host !== undefined) {
    if (!isHost(headers.host))
      headers.problem = 'the Host is not a host name or address with or without a port'
    raw.push('host', headers.host)
  }
  const address = remote === undefined ? 'unknown' : remote.startsWith('::ffff:') ? remote.slice(7) : remote
  raw.push('x-forwarded-for', forwardedFor === undefined ? address : `${forwardedFor}, ${address}`)
  const scheme = isEncrypted(req) ? 'https' : 'http'
  raw.push('x-forwarded-proto', forwardedProto ?? scheme)
  const host = forwardedHost ?? headers.host
  headers.forwardedFor = forwardedFor
  if (forwardedProto === undefined) headers.scheme = scheme
  else if (forwardedProto.toLowerCase() === 'https') headers.scheme = 'https'
  if (host !== undefined) raw.push('x-forwarded-host', host)
  if (strippedPrefix !== undefined && strippedPrefix !== '') raw.push('x-forwarded-prefix', strippedPrefix)
  if (forwarded !== undefined)
    raw.push('forwarded', `${forwarded}, for=${quoteAddress(address)};proto=${scheme}`)

  if (traceparent !== undefined) {
    headers.traceId = traceparent.slice(3, 35)
    raw.push('traceparent', traceparent)
    // A state without a parent belongs to no trace.
    if (tracestate !== undefined) raw.push('tracestate', tracestate)
  } else if (policy.traceSampleRatio !== undefined) {
    headers.traceId = createTraceId()
    raw.push('traceparent', createTraceparent(headers.traceId, Math.random() < policy.traceSampleRatio))
  }
  if (headers.requestId === '') headers.requestId = headers.traceId ?? createTraceId()
  raw.push('x-request-id', headers.requestId)
  if (policy.via !== undefined) {
    // The protocol that it was received by (RFC 9110, 7.6.3).
    const own = `${req.httpVersionMajor === 2 ? '2.0' : '1.1'} ${policy.via}`
    via = via === undefined ? own : `${via}, ${own}`
  }
  if (via !== undefined) raw.push('via', via)
  return headers
}

/** Whether the visitor's connection to this gateway uses TLS. */
export const isEncrypted = ({ socket }: Pick<VisitorRequest, 'socket'>): boolean =>
  (socket as Socket & { encrypted?: boolean }).encrypted === true

/** Removes every pair whose name is in the set, in place. */
function removeNamed(raw: string[], names: ReadonlySet<string>): void {
  let kept = 0
  for (let i = 0; i < raw.length; i += 2) {
    if (names.has(raw[i]!.toLowerCase())) continue
    raw[kept] = raw[i]!
    raw[kept + 1] = raw[i + 1]!
    kept += 2
  }
  raw.length = kept
}

const quoteAddress = (address: string): string => (address.includes(':') ? `"[${address}]"` : address)
