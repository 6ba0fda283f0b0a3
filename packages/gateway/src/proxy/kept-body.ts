/** More than this of a body is not kept. A request with more goes to one backend only. */
const MAX_KEPT_BYTES = 65_536

/** What was read of a request's body, kept so that the request can be sent to another backend as a whole. */
export class KeptBody {
  readonly chunks: Buffer[] = []
  bytes = 0
  /** All of it has arrived. */
  ended = false
  /** Too large to be kept. */
  over = false

  add(chunk: Buffer): void {
    if (this.over) return
    this.bytes += chunk.length
    if (this.bytes > MAX_KEPT_BYTES) {
      this.over = true
      this.chunks.length = 0
    } else {
      this.chunks.push(chunk)
    }
  }
}
