import { connect, type Socket } from 'node:net'
import { patienceMs } from './patience.ts'

/** A TCP connection on which a test writes exactly the bytes it wants and looks at exactly what comes back. */
export class RawConnection {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  /** How it ended: `end` by FIN, `error` by a reset. */
  #closed: 'end' | 'error' | undefined
  #wake: () => void = () => undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    socket.on('end', () => this.#end('end'))
    socket.on('error', () => this.#end('error'))
    socket.on('close', () => this.#end('end'))
  }

  /** `localAddress`: of 127.0.0.0/8, for a visitor who is told from others. */
  static open(port: number, localAddress?: string): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new RawConnection(socket))
      })
    })
  }

  #end(how: 'end' | 'error'): void {
    this.#closed ??= how
    this.#wake()
  }

  get text(): string {
    return this.#received.toString('latin1')
  }

  get closed(): 'end' | 'error' | undefined {
    return this.#closed
  }

  write(data: string | Buffer): void {
    if (this.socket.writable) this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
  }

  /** Resolves with everything received when the condition holds; rejects after `timeoutMs` (usually 5,000) with what there was. */
  async until(condition: (text: string) => boolean, timeoutMs = patienceMs()): Promise<string> {
    const deadline = performance.now() + timeoutMs
    while (!condition(this.text)) {
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`not received within ${timeoutMs} ms; got: ${JSON.stringify(this.text)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return this.text
  }

  /** Resolves with everything received when the other side has ended. */
  untilClosed(timeoutMs = patienceMs()): Promise<string> {
    return this.until(() => this.#closed !== undefined, timeoutMs)
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Ends with a reset instead of an orderly close. */
  reset(): void {
    this.socket.resetAndDestroy()
  }
}

/** Sends bytes on a new connection and returns all that came back until it was closed. */
export async function rawExchange(port: number, data: string, timeoutMs = patienceMs()): Promise<string> {
  const connection = await RawConnection.open(port)
  try {
    connection.write(data)
    return await connection.untilClosed(timeoutMs)
  } finally {
    connection.destroy()
  }
}

/** The status of each response in a piece of text, interim ones included. */
export const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
