import type { Http2Request } from './http2-request.ts'

export interface StreamTimeouts {
  /** For a response's head, from when the backend has the request. */
  responseMs: number
  /** Without a byte in the middle of a body. */
  idleMs: number
}

/** Where a request goes that has no stream, or has none any more. */
export interface RequestQueue {
  readonly timeouts: StreamTimeouts
  /** Of a response, at most. */
  readonly headerBytes: number
  /** Its stream was refused unseen: another, or an error. */
  refused(request: Http2Request, error: Error): void
}
