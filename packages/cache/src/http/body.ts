import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

type Callback = () => void

/**
 * Calls `finish` once when a response ends, with its whole body, provided that it is at most `maxBytes` long.
 * A body that ends in one piece is not sent before `finish` passes it to `send`; one written in pieces streams
 * through, and `finish` gets it afterwards.
 */
export function recordBody(
  response: ServerResponse,
  maxBytes: number,
  finish: (body: Buffer, send: (body: Buffer | undefined) => void) => void,
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
    if (bytes > maxBytes) chunks = undefined
    else chunks.push(part)
  }
  keepHeadersReadable(response)
  response.write = ((chunk: unknown, ...rest: unknown[]) => {
    keep(chunk, rest[0])
    return write(chunk, ...rest)
  }) as ServerResponse['write']
  response.end = ((...args: unknown[]) => {
    // `end` may call `write`; everything is recorded by then.
    Object.assign(response, outer)
    const callback = args.findLast((arg) => typeof arg === 'function') as Callback | undefined
    const [chunk, encoding] = args.filter((arg) => typeof arg !== 'function')
    const inOnePiece = bytes === 0 && !response.headersSent
    keep(chunk, encoding)
    if (chunks === undefined) return end(...args)
    const body = Buffer.concat(chunks)
    if (inOnePiece) finish(body, (sent) => void end(...[sent, callback].filter((arg) => arg !== undefined)))
    else {
      end(...args)
      finish(body, () => undefined)
    }
    return response
  }) as ServerResponse['end']
}

/** Headers passed to `writeHead` go through `setHeader`, so that `getHeaders` shows them too. */
function keepHeadersReadable(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response)
  response.writeHead = ((status: number, ...rest: [unknown?, unknown?]) => {
    const reason = typeof rest[0] === 'string' ? rest[0] : undefined
    setAll(response, reason === undefined ? rest[0] : rest[1])
    return reason === undefined ? writeHead(status) : writeHead(status, reason)
  }) as ServerResponse['writeHead']
}

function setAll(response: ServerResponse, headers: unknown): void {
  if (Array.isArray(headers)) {
    const flat = headers.flat() as string[]
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
