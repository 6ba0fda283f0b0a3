import type { EngineConfig } from '../config.ts'
import { ProtocolError } from './upstream-error.ts'
import { isCompressible, negotiateCoding, type ContentCoding } from './compression.ts'
import {
  ACCEPT_RANGES,
  CACHE_CONTROL,
  classifyResponse,
  CONNECTION,
  CONTENT_ENCODING,
  CONTENT_LENGTH,
  CONTENT_TYPE,
  DROP,
  ETAG,
  namedInConnection,
  PARTIAL,
  TRAILER,
  TRANSFER_ENCODING,
  VARY,
  VIA,
} from './header-names.ts'

export interface ResponseContext {
  method: string
  status: number
  acceptEncoding: string | undefined
  /** Whether the visitor's connection can carry trailers: HTTP/1.1. */
  trailers: boolean
  compression: EngineConfig['compression']
  via: string | undefined
}

/** A response's headers as the visitor gets them. */
export interface ResponseHeaders {
  raw: string[]
  /** Of the backend's body; -1 when it did not say. */
  contentLength: number
  coding: ContentCoding | undefined
  contentType: string | undefined
}

const text = (value: Buffer | string): string =>
  typeof value === 'string' ? value : value.toString('latin1')

/**
 * Filters hop-by-hop headers, decides about compression and adjusts what depends on it: Content-Length goes, a strong
 * ETag becomes weak (RFC 9110, 8.8.1), ranges are not offered, Vary names Accept-Encoding. Throws ProtocolError.
 */
export function forwardResponseHeaders(
  received: readonly (Buffer | string)[],
  context: ResponseContext,
): ResponseHeaders {
  const raw: string[] = []
  let contentLength = -1
  let contentType: string | undefined
  let named: Set<string> | undefined
  let encoded = false
  let partial = context.status === 206
  let noTransform = false
  let etagAt = -1
  let varyAt = -1
  let lengthAt = -1
  let rangesAt = -1
  let trailer: string | undefined
  let via: string | undefined

  for (let i = 0; i < received.length; i += 2) {
    const name = text(received[i]!)
    const value = text(received[i + 1]!)
    switch (classifyResponse(name)) {
      case DROP:
        continue
      case CONNECTION:
        named = namedInConnection(value, named)
        continue
      case TRAILER:
        trailer = trailer === undefined ? value : `${trailer}, ${value}`
        continue
      case VIA:
        via = via === undefined ? value : `${via}, ${value}`
        continue
      case TRANSFER_ENCODING:
        // What is left of any other after undici has taken the chunks apart would reach visitors without a name.
        if (value.toLowerCase() !== 'chunked') throw new ProtocolError(`it uses the transfer coding ${value}`)
        continue
      case CONTENT_LENGTH:
        // RFC 9110, 8.6: there is none, and a visitor might wait for it.
        if (context.status === 204) continue
        contentLength = Number(value)
        lengthAt = raw.length
        break
      case CONTENT_TYPE:
        contentType = value
        break
      case CONTENT_ENCODING:
        encoded ||= value.toLowerCase() !== 'identity'
        break
      case CACHE_CONTROL:
        noTransform ||= /\bno-transform\b/i.test(value)
        break
      case ETAG:
        etagAt = raw.length
        break
      case VARY:
        varyAt = raw.length
        break
      case ACCEPT_RANGES:
        rangesAt = raw.length
        break
      case PARTIAL:
        partial = true
        break
      default:
    }
    raw.push(name, value)
  }

  const { compression, status } = context
  let coding: ContentCoding | undefined
  if (
    compression.enabled &&
    contentType !== undefined &&
    !encoded &&
    !partial &&
    !noTransform &&
    status !== 204 &&
    status !== 304 &&
    isCompressible(contentType) &&
    (contentLength === -1 || contentLength >= compression.minBytes)
  ) {
    // The representation depends on Accept-Encoding whether or not this visitor gets a compressed one.
    varyAt = addVary(raw, varyAt)
    if (context.acceptEncoding !== undefined && context.method !== 'HEAD') {
      const negotiated = negotiateCoding(context.acceptEncoding)
      if (negotiated !== 'none') coding = negotiated
    }
  }
  if (coding !== undefined) {
    if (etagAt >= 0 && !raw[etagAt + 1]!.startsWith('W/')) raw[etagAt + 1] = `W/${raw[etagAt + 1]}`
    raw.push('content-encoding', coding)
  }
  if (named !== undefined || coding !== undefined) {
    remove(raw, named, coding === undefined ? -1 : lengthAt, coding === undefined ? -1 : rangesAt)
  }
  // Only a chunked response can carry trailers, and it must say so at once.
  if (trailer !== undefined && context.trailers && contentLength === -1 && context.method !== 'HEAD') {
    raw.push('trailer', trailer)
  }
  if (context.via !== undefined) via = via === undefined ? `1.1 ${context.via}` : `${via}, 1.1 ${context.via}`
  if (via !== undefined) raw.push('via', via)
  return { raw, contentLength, coding, contentType }
}

function addVary(raw: string[], at: number): number {
  if (at < 0) {
    raw.push('vary', 'Accept-Encoding')
    return raw.length - 2
  }
  const value = raw[at + 1]!
  if (!/(?:^|,)\s*(?:\*|accept-encoding)\s*(?:,|$)/i.test(value)) raw[at + 1] = `${value}, Accept-Encoding`
  return at
}

/** Removes the pairs at two positions, and those whose names are in the set. */
function remove(raw: string[], named: ReadonlySet<string> | undefined, first: number, second: number): void {
  let kept = 0
  for (let i = 0; i < raw.length; i += 2) {
    if (i === first || i === second || named?.has(raw[i]!.toLowerCase())) continue
    raw[kept] = raw[i]!
    raw[kept + 1] = raw[i + 1]!
    kept += 2
  }
  raw.length = kept
}
