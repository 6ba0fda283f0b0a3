import type { ClientHttp2Stream } from 'node:http2'
import type { Readable } from 'node:stream'

/** So much of a body is kept until the answer begins, in case the backend says that it did not look at the request. */
const REPLAY_BYTES = 65_536

/** A request's body on its way into a stream, at the stream's pace, and into another one when the first was refused. */
export class RequestUpload {
  readonly #body: Readable
  /** Something was taken, or the body is over. */
  readonly #onProgress: () => void
  /** Undefined: too much has gone, or the answer has begun. */
  #sent: Buffer[] | undefined = []
  #sentBytes = 0
  #stream: ClientHttp2Stream | undefined = undefined
  #listening = false
  #ended = false

  constructor(body: Readable, onProgress: () => void, onBroken: (error: Error) => void) {
    this.#body = body
    this.#onProgress = onProgress
    body.on('error', onBroken)
    body.on('close', () => {
      if (!this.#ended) onBroken(new Error('the request’s body ended early'))
    })
  }

  get replayable(): boolean {
    return this.#sent !== undefined
  }

  /** Whether it is the stream that is waited for, and not the visitor. */
  get waits(): boolean {
    return this.#ended || this.#stream?.writableNeedDrain === true
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Sends from the beginning. */
  into(stream: ClientHttp2Stream): void {
    this.#stream = stream
    let room = true
    for (const chunk of this.#sent ?? []) room = stream.write(chunk)
    stream.on('drain', () => {
      this.#onProgress()
      this.#body.resume()
    })
    if (this.#ended) {
      stream.end()
    } else if (this.#listening) {
      if (room) this.#body.resume()
    } else {
      this.#listening = true
      this.#body.on('data', this.#onData)
      this.#body.on('end', this.#onEnd)
      if (!room) this.#body.pause()
    }
  }

  /** The stream was refused; what comes waits for the next. */
  detach(): void {
    this.#stream = undefined
    this.#body.pause()
  }

  /** The answer has begun: what was sent is not needed again. */
  forget(): void {
    this.#sent = undefined
  }

  /** Nothing more is wanted. */
  stop(): void {
    this.#ended = true
    this.#sent = undefined
    this.#body.off('data', this.#onData)
    this.#body.off('end', this.#onEnd)
    this.#body.destroy()
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#sent !== undefined) {
      this.#sentBytes += chunk.length
      if (this.#sentBytes > REPLAY_BYTES) this.#sent = undefined
      else this.#sent.push(chunk)
    }
    this.#onProgress()
    if (this.#stream?.write(chunk) !== true) this.#body.pause()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#onProgress()
    this.#stream?.end()
  }
}
