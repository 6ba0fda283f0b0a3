import type { Dispatcher } from 'undici'

/**
 * The connections to one backend, whichever protocol they speak. undici's Pool is one, and its handlers are the contract:
 * `onRequestStart`, `onResponseStart` (also for 1xx), `onResponseData`, `onResponseEnd`, `onRequestUpgrade`, `onResponseError`,
 * and a controller with `rawHeaders`, `rawTrailers` (of buffers or strings), `pause`, `resume` and `abort`. What a handler throws
 * becomes the error of its request. An answer that is only a head ends in the same turn in which it began.
 */
export interface BackendConnections {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean
  /** Cuts what is open. */
  destroy(): Promise<void>
}

/**
 * The backend says that it did not look at a request, although it was sent: doing it again elsewhere cannot do it twice (RFC 9113,
 * 8.7), whatever its method. `code` is that of the cause, if it has one.
 */
export class UnprocessedError extends Error {
  readonly code: string

  constructor(message: string, cause?: Error & { code?: string }) {
    super(message, { cause })
    this.code = cause?.code ?? 'BACKEND_UNPROCESSED'
  }
}
