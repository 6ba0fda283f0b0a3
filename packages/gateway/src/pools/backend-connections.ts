import type { Dispatcher } from 'undici'

/**
 * The connections to one backend, whichever protocol they speak. undici's Pool is one, and its handlers are the contract:
 * `onRequestStart`, `onResponseStart` (also for 1xx), `onResponseData`, `onResponseEnd`, `onRequestUpgrade`, `onResponseError`,
 * and a controller with `rawHeaders`, `rawTrailers`, `pause`, `resume` and `abort`.
 */
export interface BackendConnections {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean
  /** Cuts what is open. */
  destroy(): Promise<void>
}
