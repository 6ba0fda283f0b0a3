import type { Dispatcher } from 'undici'
import type { BackendSocket } from './backend-socket.ts'
import { requestHead, type OutgoingHead } from './request-text.ts'

/** One request at a backend, and the controller that its handler gets. */
export class BackendCall implements Dispatcher.DispatchController {
  readonly handler: Dispatcher.DispatchHandler
  readonly options: Dispatcher.DispatchOptions
  readonly head: OutgoingHead
  rawHeaders: string[] | null = null
  rawTrailers: string[] | null = null
  paused = false
  aborted = false
  reason: Error | null = null
  socket: BackendSocket | undefined = undefined
  #over = false

  /** Throws what undici throws for a request that must not be sent. */
  constructor(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, authority: string) {
    this.options = options
    this.handler = handler
    this.head = requestHead(options, authority)
  }

  get upgrade(): boolean {
    return Boolean(this.options.upgrade)
  }

  pause(): void {
    if (this.paused || this.#over) return
    this.paused = true
    this.socket?.pause()
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    if (!this.#over) this.socket?.resume()
  }

  abort(reason: Error): void {
    if (this.#over || this.aborted) return
    this.aborted = true
    this.reason = reason
    if (this.socket === undefined) this.fail(reason)
    else this.socket.fail(reason)
  }

  /** It is over, in whatever way; false: it was before. */
  finish(): boolean {
    if (this.#over) return false
    this.#over = true
    return true
  }

  fail(error: Error): void {
    if (this.finish()) this.handler.onResponseError?.(this, error)
  }
}
