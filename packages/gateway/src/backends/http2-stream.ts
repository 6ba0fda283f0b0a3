import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { Readable } from 'node:stream'
import type { Http2Request } from './http2-request.ts'

/** So that listeners are shared functions instead of closures per request. */
export interface RequestStream extends ClientHttp2Stream {
  request?: Http2Request
  /** The end of the body was received, in contrast to a stream that is over without it. */
  bodyEnded?: boolean
}

type Head = IncomingHttpHeaders & { ':status'?: number }

/** Has a stream tell its request what becomes of it. It reads nothing of the body until it is resumed. */
export function listen(stream: RequestStream, request: Http2Request): void {
  stream.request = request
  stream.push = watchEnd
  stream.on('headers', onInterim)
  stream.on('response', onResponse)
  stream.on('trailers', onTrailers)
  stream.on('data', onData)
  stream.on('end', onEnd)
  stream.on('error', onError)
  stream.on('close', onClose)
  stream.pause()
}

/**
 * Node ends a body also when its stream was reset without an error code, or the connection closed: only an end that comes while
 * the stream is still open is the backend's.
 */
function watchEnd(this: RequestStream, chunk: unknown, encoding?: BufferEncoding): boolean {
  if (chunk === null && !this.closed) this.bodyEnded = true
  return Readable.prototype.push.call(this, chunk, encoding)
}

function onInterim(this: RequestStream, head: Head, _flags: number, raw?: string[]): void {
  this.request!.interim(Number(head[':status']), raw!)
}

function onResponse(this: RequestStream, head: Head, flags: number, raw?: string[]): void {
  const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
  this.request!.response(Number(head[':status']), raw!, ended)
}

function onTrailers(this: RequestStream, _head: IncomingHttpHeaders, _flags: number, raw?: string[]): void {
  this.request!.rawTrailers = raw!
}

function onData(this: RequestStream, chunk: Buffer): void {
  this.request!.data(chunk)
}

function onEnd(this: RequestStream): void {
  this.request!.end()
}

function onError(this: RequestStream, error: Error & { code?: string }): void {
  // These say no more than the code that the stream was closed with.
  if (error.code === 'ERR_HTTP2_STREAM_ERROR' || error.code === 'ERR_HTTP2_STREAM_CANCEL') return
  this.request!.broke(error)
}

function onClose(this: RequestStream): void {
  this.request!.closed()
}
