import { ChunkedBody } from './chunked-body.ts'
import type { SectionLimits } from './field-section.ts'
import type { Framing } from './framing.ts'
import type { WireRequest } from './wire-request.ts'

/** The body of a visitor's request while it arrives. */
export class IncomingBody {
  readonly req: WireRequest
  readonly #chunks: ChunkedBody | undefined
  #left: number

  constructor(req: WireRequest, framing: Framing, trailers: SectionLimits) {
    this.req = req
    this.#left = framing.contentLength
    this.#chunks = framing.chunked ? new ChunkedBody(trailers) : undefined
  }

  get done(): boolean {
    return this.#chunks === undefined ? this.#left === 0 : this.#chunks.done
  }

  /** Gives some of it to the request; the position after that. Throws MessageSyntaxError. */
  read(bytes: Buffer, at: number): number {
    const chunks = this.#chunks
    if (chunks === undefined) {
      const to = Math.min(bytes.length, at + this.#left)
      this.#left -= to - at
      this.req.receive(at === 0 && to === bytes.length ? bytes : bytes.subarray(at, to))
      return to
    }
    const after = chunks.read(bytes, at, bytes.length)
    if (chunks.to > chunks.from) this.req.receive(bytes.subarray(chunks.from, chunks.to))
    return after
  }
}
