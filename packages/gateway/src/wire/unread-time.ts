import type { Socket } from 'node:net'

/** As far as net.Socket itself looks at it, to see whether a write moves on. */
type Watched = Socket & { _handle?: { bytesWritten: number; writeQueueSize: number } | null }

/** For how long a visitor has read nothing of what waits for them, whatever they send meanwhile. */
export class UnreadTime {
  readonly #socket: Watched
  /** Bytes that the kernel took up to the last look; -1: nothing waited. */
  #taken = -1
  #since = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Milliseconds, as exact as it is asked often. */
  ms(now: number): number {
    const { writableLength, _handle: handle } = this.#socket
    const taken = writableLength === 0 || !handle ? -1 : handle.bytesWritten - handle.writeQueueSize
    if (taken === -1 || taken !== this.#taken) this.#since = now
    this.#taken = taken
    return now - this.#since
  }
}
