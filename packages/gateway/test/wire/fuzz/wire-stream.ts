import { Duplex } from 'node:stream'

/** Stands for a socket: what is pushed arrives, what is written is kept. */
export class WireStream extends Duplex {
  sent = ''
  readonly remoteAddress = '127.0.0.1'
  timeout = 0

  constructor() {
    super({ allowHalfOpen: true })
    this.on('error', () => undefined)
  }

  override _read(): void {
    // Nothing to ask for.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.sent += chunk.toString('latin1')
    done()
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  destroySoon(): void {
    this.end()
  }
}

/** A turn of the event loop, in which streams pass on what they have. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
