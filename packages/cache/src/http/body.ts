import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { HeaderBag } from './header.ts'
import type { Produced } from './response.ts'

type Callback = () => void
type Head = Pick<Produced, 'status' | 'headers'>

export interface Recording {
  /** Longer bodies are sent and not recorded. */
  maxBytes: number
  /**
   * Called once when a response ends, with its whole body and status and headers as the handler left them: layers above
   * add their own as the headers are written, and will do so again when a stored response is sent. A body that ends in one
   * piece is not sent before this passes it to `send`; one written in pieces is on its way already.
   */
  ended: (response: Produced, send: (body: Buffer | undefined) => void) => void
  /** Asked when the head is written before the body is complete. True: the response need not be recorded. */
  isHopeless: (status: number, headers: HeaderBag) => boolean
  /** Called instead of `ended` when the body is longer or the head is hopeless, as soon as that is known. */
  given: () => void
}

/** Watches what a handler sends. */
export function recordResponse(
  response: ServerResponse,
  { maxBytes, ended, isHopeless, given }: Recording,
): void {
  // A layer above, such as compression, may have put its own in place already.
  // They are bound below and put back as they were.
  // oxlint-disable-next-line typescript/unbound-method
  const outer = { write: response.write, end: response.end }
  const write = outer.write.bind(response) as (chunk: unknown, ...rest: unknown[]) => boolean
  const end = outer.end.bind(response) as (...rest: unknown[]) => ServerResponse
  let chunks: Buffer[] | undefined = []
  let bytes = 0
  const keep = (chunk: unknown, encoding: unknown): void => {
    if (chunks === undefined || chunk === undefined || chunk === null) return
    const part = toBuffer(chunk, encoding)
    bytes += part.byteLength
    if (bytes <= maxBytes) chunks.push(part)
    else giveUp()
  }
  const giveUp = (): void => {
    chunks = undefined
    given()
  }
  let over = false
  const headOf = watchHead(response, ({ status, headers }) => {
    if (chunks !== undefined && !over && isHopeless(status, headers)) giveUp()
  })
  response.write = ((chunk: unknown, ...rest: unknown[]) => {
    // Copied: whoever wrote a buffer may use it for something else before the response is complete.
    keep(Buffer.isBuffer(chunk) && chunks !== undefined ? Buffer.from(chunk) : chunk, rest[0])
    return write(chunk, ...rest)
  }) as ServerResponse['write']
  response.end = ((...args: unknown[]) => {
    // `end` may call `write`; everything is recorded by then.
    Object.assign(response, outer)
    over = true
    const callback = args.findLast((arg) => typeof arg === 'function') as Callback | undefined
    const [chunk, encoding] = args.filter((arg) => typeof arg !== 'function')
    const inOnePiece = bytes === 0 && !response.headersSent
    keep(chunk, encoding)
    if (chunks === undefined) return end(...args)
    const produced = { ...headOf(), body: Buffer.concat(chunks) }
    if (inOnePiece)
      ended(produced, (sent) => void end(...[sent, callback].filter((arg) => arg !== undefined)))
    else {
      end(...args)
      ended(produced, () => undefined)
    }
    return response
  }) as ServerResponse['end']
}

/**
 * Status and headers as they were before any layer above saw them written. Headers passed to `writeHead` go through
 * `setHeader`, so that `getHeaders` shows them too.
 */
function watchHead(response: ServerResponse, written: (head: Head) => void): () => Head {
  const writeHead = response.writeHead.bind(response)
  let head: Head | undefined
  response.writeHead = ((status: number, ...rest: [unknown?, unknown?]) => {
    const reason = typeof rest[0] === 'string' ? rest[0] : undefined
    setAll(response, reason === undefined ? rest[0] : rest[1])
    if (head === undefined) {
      head = { status, headers: response.getHeaders() }
      written(head)
    }
    return reason === undefined ? writeHead(status) : writeHead(status, reason)
  }) as ServerResponse['writeHead']
  return () => head ?? { status: response.statusCode, headers: response.getHeaders() }
}

function setAll(response: ServerResponse, headers: unknown): void {
  if (Array.isArray(headers)) {
    const flat = headers.flat() as string[]
    // As Node does: they replace what was set before, and may repeat themselves.
    for (let i = 0; i < flat.length; i += 2) response.removeHeader(flat[i]!)
    for (let i = 0; i + 1 < flat.length; i += 2) response.appendHeader(flat[i]!, flat[i + 1]!)
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers as OutgoingHttpHeaders)) {
      if (value !== undefined) response.setHeader(name, value)
    }
  }
}

function toBuffer(chunk: unknown, encoding: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  return Buffer.from(String(chunk), typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
}
