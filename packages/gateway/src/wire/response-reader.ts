import { ChunkedBody } from './chunked-body.ts'
import type { SectionLimits } from './field-section.ts'
import { ResponseHead } from './response-head.ts'
import { MessageSyntaxError } from './syntax-error.ts'

/** Who hears of what a reader finds. */
export interface ResponseEvents {
  /** Also for 1xx. True: the bytes behind it are no HTTP any more. */
  head(head: ResponseHead): boolean
  data(bytes: Buffer, from: number, to: number): void
}

const HEAD = 0
const LENGTH = 1
const CHUNKS = 2
const UNTIL_CLOSE = 3
const DONE = 4

/** Reads the responses of one connection, one after the other (RFC 9112, 6.3). */
export class ResponseReader {
  readonly #events: ResponseEvents
  readonly #limits: SectionLimits
  readonly #head: ResponseHead
  #state = DONE
  #left = 0
  #chunks: ChunkedBody | undefined = undefined
  #held: Buffer | undefined = undefined
  #method = ''
  /** The connection can carry another request after this response. */
  reusable = false
  /** Seconds that the backend keeps it for one; -1: it did not say. */
  keepAliveSeconds = -1
  trailers: string[] | undefined = undefined

  constructor(limits: SectionLimits, events: ResponseEvents) {
    this.#limits = limits
    this.#events = events
    this.#head = new ResponseHead(limits)
  }

  /** A request was sent: its response comes next. */
  expect(method: string): void {
    this.#method = method
    this.#state = HEAD
    this.trailers = undefined
  }

  get done(): boolean {
    return this.#state === DONE
  }

  /** The head is known: the body is coming. */
  get inBody(): boolean {
    return this.#state !== HEAD && this.#state !== DONE
  }

  /** Reads up to the end of the response or of the bytes; how many were read. Throws MessageSyntaxError. */
  read(received: Buffer, length: number): number {
    let bytes = received
    let end = length
    let at = 0
    const held = this.#held
    if (held !== undefined) {
      bytes = Buffer.concat([held, received.subarray(0, length)])
      end = bytes.length
      this.#held = undefined
    }
    while (at < end && this.#state !== DONE) {
      switch (this.#state) {
        case HEAD: {
          const after = this.#head.read(bytes, at, end)
          if (after === -1) {
            // A copy: the buffer is not this connection's alone.
            this.#held = Buffer.from(bytes.subarray(at, end))
            return length
          }
          at = after
          if (this.#begin()) return at - (end - length)
          break
        }
        case LENGTH: {
          const to = Math.min(end, at + this.#left)
          this.#left -= to - at
          if (this.#left === 0) this.#state = DONE
          this.#events.data(bytes, at, to)
          at = to
          break
        }
        case CHUNKS: {
          const chunks = this.#chunks!
          at = chunks.read(bytes, at, end)
          if (chunks.to > chunks.from) this.#events.data(bytes, chunks.from, chunks.to)
          if (chunks.done) {
            this.trailers = chunks.trailers
            this.#state = DONE
          }
          break
        }
        default:
          this.#events.data(bytes, at, end)
          at = end
      }
    }
    return at - (end - length)
  }

  #begin(): boolean {
    const head = this.#head
    const { status, framing, minor } = head
    if (status < 200) {
      if (framing.close) throw new MessageSyntaxError('an interim response that ends the connection')
      return this.#events.head(head)
    }
    // Some servers send the body nevertheless, which would be read as the answer to whoever comes next.
    const silent =
      this.#method === 'HEAD' || (status === 204 && (framing.chunked || framing.contentLength > 0))
    this.reusable = !silent && !framing.close && (minor === 1 || framing.keepAlive)
    this.keepAliveSeconds = framing.keepAliveSeconds
    if (this.#method === 'HEAD' || status === 204 || status === 304) this.#state = DONE
    else if (framing.chunked) {
      this.#chunks = new ChunkedBody(this.#limits)
      this.#state = CHUNKS
    } else if (framing.contentLength >= 0) {
      this.#left = framing.contentLength
      this.#state = this.#left === 0 ? DONE : LENGTH
    } else {
      this.reusable = false
      this.#state = UNTIL_CLOSE
    }
    return this.#events.head(head)
  }

  /** The backend has ended the connection in an orderly way; whether the response is complete by that. */
  end(): boolean {
    if (this.#state === UNTIL_CLOSE) this.#state = DONE
    return this.#state === DONE
  }
}
