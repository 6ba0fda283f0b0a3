import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { errors } from 'undici'
import type { BackendCall } from './backend-call.ts'

const GONE = new Error('the body of the request ended before it was complete')

/** Sends the body of one request at the backend's pace. It is not touched before the head has been written. */
export class RequestSender {
  readonly #socket: Socket
  readonly #body: Readable
  readonly #fail: (error: Error) => void
  readonly #sent: () => void
  readonly #chunked: boolean
  #left: number
  done = false

  /** `sent` after every chunk; `fail` when the body breaks off or is not as long as announced. */
  constructor(socket: Socket, call: BackendCall, sent: () => void, fail: (error: Error) => void) {
    this.#socket = socket
    this.#body = call.options.body as Readable
    this.#sent = sent
    this.#fail = fail
    this.#left = call.head.bodyBytes
    this.#chunked = call.head.bodyBytes === -1
    this.#body.on('data', this.#onData)
    this.#body.on('end', this.#onEnd)
    this.#body.on('error', this.#onError)
    this.#body.on('close', this.#onClose)
    socket.on('drain', this.#onDrain)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#sent()
    const { length } = chunk
    if (length === 0) return
    let more: boolean
    if (this.#chunked) {
      this.#socket.cork()
      this.#socket.write(`${length.toString(16)}\r\n`, 'latin1')
      this.#socket.write(chunk)
      more = this.#socket.write('\r\n', 'latin1')
      this.#socket.uncork()
    } else {
      this.#left -= length
      if (this.#left < 0) {
        this.#fail(new errors.RequestContentLengthMismatchError())
        return
      }
      more = this.#socket.write(chunk)
    }
    if (!more) this.#body.pause()
  }

  readonly #onEnd = (): void => {
    if (this.#chunked) this.#socket.write('0\r\n\r\n', 'latin1')
    else if (this.#left > 0) {
      this.#fail(new errors.RequestContentLengthMismatchError())
      return
    }
    this.done = true
    this.#detach()
    this.#sent()
  }

  readonly #onError = (error: Error): void => this.#fail(error)

  readonly #onClose = (): void => {
    if (!this.done) this.#fail(GONE)
  }

  readonly #onDrain = (): void => void this.#body.resume()

  #detach(): void {
    this.#body.off('data', this.#onData)
    this.#body.off('end', this.#onEnd)
    this.#body.off('close', this.#onClose)
    this.#socket.off('drain', this.#onDrain)
  }

  /** The request is over before all of it was sent. */
  abandon(): void {
    if (this.done) return
    this.done = true
    this.#detach()
    this.#body.destroy()
  }
}
