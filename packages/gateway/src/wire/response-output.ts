import type { Socket } from 'node:net'

/** Bytes up to which copying a chunk into the text around it is cheaper than a write of several parts. */
const SMALL_CHUNK = 4_096
/** Of a response whose turn has not come; then its backend is told to wait. */
const WAITING_BYTES = 65_536

const NOTHING = Buffer.alloc(0)

export interface OutputTarget {
  readonly socket: Socket
  /** Called when the last bytes of a response have been handed to the kernel. */
  readonly written: (error?: Error | null) => void
  /** Joins what is written from now on into one write, which leaves when the present events are handled. */
  gather(): void
}

/** Where the bytes of one response go: to the socket, or, while an earlier response is under way, into memory. */
export class ResponseOutput {
  readonly #target: OutputTarget
  #waiting: (string | Buffer)[] | undefined = undefined
  #waitingBytes = 0
  #ended = false
  #discarded = false
  current = false

  constructor(target: OutputTarget) {
    this.#target = target
  }

  /** False: wait for `drain`. `last`: nothing comes behind it. */
  text(text: string, last: boolean): boolean {
    const { socket } = this.#target
    if (!this.current) return this.#keep(text, last)
    if (last) {
      if (text === '') socket.write(NOTHING, this.#target.written)
      else socket.write(text, 'latin1', this.#target.written)
      return true
    }
    this.#target.gather()
    return socket.write(text, 'latin1')
  }

  /** A chunk with text before and behind it. */
  around(before: string, chunk: Buffer, behind: string, last = false): boolean {
    if (chunk.length <= SMALL_CHUNK) return this.text(before + chunk.toString('latin1') + behind, last)
    const { socket, written } = this.#target
    if (!this.current) {
      if (before !== '') this.#keep(before, false)
      const more = this.#keep(chunk, last && behind === '')
      return behind === '' ? more : this.#keep(behind, last)
    }
    if (last && before === '' && behind === '') {
      socket.write(chunk, written)
      return true
    }
    this.#target.gather()
    if (before !== '') socket.write(before, 'latin1')
    let more = last && behind === '' ? socket.write(chunk, written) : socket.write(chunk)
    if (behind !== '') more = last ? socket.write(behind, 'latin1', written) : socket.write(behind, 'latin1')
    return more
  }

  #keep(part: string | Buffer, last: boolean): boolean {
    if (this.#discarded) return true
    if (last) this.#ended = true
    ;(this.#waiting ??= []).push(part)
    this.#waitingBytes += part.length
    return this.#waitingBytes < WAITING_BYTES
  }

  /** Its turn has come. True: what waited has left, and there is room for more. */
  begin(): boolean {
    this.current = true
    const parts = this.#waiting
    if (parts === undefined) return false
    const { socket, written } = this.#target
    this.#waiting = undefined
    this.#target.gather()
    let room = true
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!
      const done = this.#ended && i === parts.length - 1 ? written : undefined
      room = typeof part === 'string' ? socket.write(part, 'latin1', done) : socket.write(part, done)
    }
    return room && !this.#ended
  }

  discard(): void {
    this.#discarded = true
    this.#waiting = undefined
  }
}
