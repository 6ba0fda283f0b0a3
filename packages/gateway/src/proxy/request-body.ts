import { Readable } from 'node:stream'
import type { BodyCopy } from '../splitting/mirror.ts'
import type { KeptBody } from './kept-body.ts'
import type { VisitorRequest } from './visitor.ts'

/**
 * A visitor's request body on its way to a backend. It stands between the two so that a backend which stops reading
 * does not take the visitor's connection with it, and so that an unannounced length is limited as well. Nothing is
 * read before the backend's connection asks for it: until then the request can go to another backend, and afterwards
 * as long as all that was read is kept.
 */
export class RequestBody extends Readable {
  readonly #request: VisitorRequest
  readonly #maxBytes: number
  readonly #onTooLarge: () => void
  readonly #copy: BodyCopy | undefined
  readonly #kept: KeptBody | undefined
  #bytes = 0
  /** Whether a byte was taken from the visitor. */
  started = false

  /** `kept`: what attempts before this one have read, and will be added to; undefined: nothing is kept. */
  constructor(
    request: VisitorRequest,
    maxBytes: number,
    onTooLarge: () => void,
    copy: BodyCopy | undefined,
    kept: KeptBody | undefined,
  ) {
    super({ highWaterMark: 65_536, emitClose: true })
    this.#request = request
    this.#maxBytes = maxBytes
    this.#onTooLarge = onTooLarge
    this.#copy = copy
    this.#kept = kept
  }

  /** Whether something of it cannot be sent again. */
  get gone(): boolean {
    return this.started && this.#kept?.over !== false
  }

  /** Ends this attempt's part: the visitor's body waits for the next. */
  withdraw(): void {
    this.#detach()
    this.#request.pause()
    this.destroy()
  }

  override _read(): void {
    if (this.started) {
      this.#request.resume()
      return
    }
    this.started = true
    if (this.#kept !== undefined && this.#replay(this.#kept)) return
    this.#request.on('data', this.#onData)
    this.#request.on('end', this.#onEnd)
    this.#request.on('close', this.#onClose)
    this.#request.resume()
  }

  /** What the attempts before have read; true when that is all. */
  #replay({ chunks, bytes, ended }: KeptBody): boolean {
    for (const chunk of chunks) this.push(chunk)
    this.#bytes = bytes
    if (ended) this.push(null)
    return ended
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#detach()
    callback(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes += chunk.length
    if (this.#bytes > this.#maxBytes) {
      this.#detach()
      this.#onTooLarge()
      return
    }
    this.#copy?.add(chunk)
    this.#kept?.add(chunk)
    if (!this.push(chunk)) this.#request.pause()
  }

  readonly #onEnd = (): void => {
    this.#detach()
    this.#copy?.complete()
    if (this.#kept !== undefined) this.#kept.ended = true
    this.push(null)
  }

  /** The visitor went in the middle of it: the backend must not take what arrived for the whole. */
  readonly #onClose = (): void => {
    if (!this.#request.complete) this.destroy(new Error('the visitor closed the connection'))
  }

  #detach(): void {
    this.#request.off('data', this.#onData)
    this.#request.off('end', this.#onEnd)
    this.#request.off('close', this.#onClose)
  }
}
