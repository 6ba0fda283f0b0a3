import { errors, type Dispatcher } from 'undici'
import { TARGET, TOKEN } from './characters.ts'
import { isLength } from './framing.ts'
import { withFields } from './head-text.ts'

/** How a request's body is framed towards a backend. */
export interface OutgoingHead {
  text: string
  /** Bytes that the body must have; -1: it is sent in chunks; 0: there is none. */
  bodyBytes: number
}

/** Methods whose recipients expect to be told that there is no body (RFC 9110, 8.6). */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY'])

function check(text: string, allowed: Uint8Array, what: string): void {
  let good = text.length > 0
  for (let i = 0; i < text.length; i++) good &&= allowed[text.charCodeAt(i)] === 1
  if (!good) throw new errors.InvalidArgumentError(`invalid request ${what}`)
}

/**
 * The head of a request to a backend. Its fields are those of an exchange, without any that belong to a connection.
 * Throws InvalidArgumentError for what must not be sent.
 */
export function requestHead(options: Dispatcher.DispatchOptions, authority: string): OutgoingHead {
  const pairs = (options.headers ?? []) as readonly string[]
  const { method, path, body } = options
  check(method, TOKEN, 'method')
  check(path, TARGET, 'path')
  let announced = -1
  let host = false
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]!
    if (name.length === 4) host ||= name.toLowerCase() === 'host'
    else if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (announced !== -1) throw new errors.InvalidArgumentError('two content-length headers')
      announced = Number(pairs[i + 1])
      // Nor with zeros in front, which somebody might take for octal.
      if (!isLength(pairs[i + 1]!) || pairs[i + 1] !== String(announced))
        throw new errors.InvalidArgumentError('invalid content-length header')
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding')
      throw new errors.InvalidArgumentError('invalid transfer-encoding header')
  }
  const connection = options.upgrade
    ? `Connection: Upgrade\r\nUpgrade: ${options.upgrade as string}`
    : 'Connection: keep-alive'
  let text = `${method} ${path} HTTP/1.1\r\n${connection}\r\n`
  if (!host) text += `Host: ${authority}\r\n`
  text = withValidFields(text, pairs)
  if (body === null || body === undefined) {
    if (announced > 0) throw new errors.RequestContentLengthMismatchError()
    if (announced === -1 && WITH_BODY.has(method)) text += 'Content-Length: 0\r\n'
    return { text: `${text}\r\n`, bodyBytes: 0 }
  }
  if (body instanceof Uint8Array) {
    if (announced !== -1 && announced !== body.length) throw new errors.RequestContentLengthMismatchError()
    return {
      text: `${text}${announced === -1 ? `Content-Length: ${body.length}\r\n` : ''}\r\n`,
      bodyBytes: body.length,
    }
  }
  return {
    text: `${text}${announced === -1 ? 'Transfer-Encoding: chunked\r\n' : ''}\r\n`,
    bodyBytes: announced,
  }
}

function withValidFields(text: string, pairs: readonly string[]): string {
  try {
    return withFields(text, pairs)
  } catch (error) {
    throw new errors.InvalidArgumentError((error as Error).message)
  }
}
