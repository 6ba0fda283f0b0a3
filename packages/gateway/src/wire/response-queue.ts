import type { Socket } from 'node:net'
import type { WireResponse } from './wire-response.ts'

/** The responses that a visitor waits for on one connection, in the order of the requests. Only the first is sent. */
export class ResponseQueue {
  readonly #socket: Socket
  readonly #waiting: WireResponse[] = []
  current: WireResponse | undefined = undefined
  /** To the last request that was read; undefined once that has been sent. */
  newest: WireResponse | undefined = undefined

  constructor(socket: Socket) {
    this.#socket = socket
  }

  add(response: WireResponse): void {
    this.newest = response
    if (this.current === undefined) this.#begin(response)
    else this.#waiting.push(response)
  }

  #begin(response: WireResponse): void {
    this.current = response
    mark(this.#socket, response)
    response.begin()
  }

  /** Takes the first out: all of it has been sent. */
  take(): WireResponse | undefined {
    const response = this.current
    this.current = undefined
    // It would be kept for as long as the connection is idle.
    if (this.newest === response) this.newest = undefined
    mark(this.#socket, null)
    return response
  }

  /** It is the next one's turn; false: there is none. */
  advance(): boolean {
    const next = this.#waiting.shift()
    if (next === undefined) return false
    this.#begin(next)
    return true
  }

  /** None of them will be sent. */
  abandon(): void {
    const first = this.take()
    const others = this.#waiting.splice(0)
    first?.closed()
    for (const response of others) response.closed()
  }
}

/** As node:http does it: by this, draining and pipelining see what a connection is waiting for. */
function mark(socket: Socket & { _httpMessage?: unknown }, waitingFor: WireResponse | null): void {
  socket._httpMessage = waitingFor
}
