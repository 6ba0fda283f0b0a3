import { SPACE, TAB } from './characters.ts'
import { MessageSyntaxError } from './syntax-error.ts'

/** What the fields of a head say about where its message ends and what becomes of the connection (RFC 9112, 6 and 9). */
export interface Framing {
  /** -1: there is none. */
  contentLength: number
  chunked: boolean
  close: boolean
  keepAlive: boolean
  /** `Connection` names `upgrade`. */
  upgrade: boolean
  /** The value of `Upgrade`. */
  protocol: string | undefined
  hosts: number
  /** Seconds of `Keep-Alive: timeout=`; -1: not said. */
  keepAliveSeconds: number
}

// Beyond 2^53 - 1 a number is not exact; fifteen digits stay below.
const LENGTH = /^\d{1,15}$/

/** Whether the value of a Content-Length is digits and nothing else. */
export const isLength = (value: string): boolean => LENGTH.test(value)

// Space and tab are the only space there is; \s and trim() take a byte above ASCII (NBSP) for some.
const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i
const TIMEOUT = /(?:^|[ \t,])timeout=(\d{1,6})(?:[ \t,]|$)/i

/** Reads the fields that frame. Exactly one length or none: whatever could be read in two ways is refused. */
export function framingOf(pairs: readonly string[], minor: number): Framing {
  const framing: Framing = {
    contentLength: -1,
    chunked: false,
    close: false,
    keepAlive: false,
    upgrade: false,
    protocol: undefined,
    hosts: 0,
    keepAliveSeconds: -1,
  }
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]!
    // By length first: nearly every field is none of these.
    switch (name.length) {
      case 4:
        if (name === 'Host' || name.toLowerCase() === 'host') framing.hosts++
        break
      case 7:
        if (name.toLowerCase() === 'upgrade')
          framing.protocol =
            framing.protocol === undefined ? pairs[i + 1]! : `${framing.protocol}, ${pairs[i + 1]!}`
        break
      case 10:
        if (name === 'Connection' || name === 'connection') connection(framing, pairs[i + 1]!)
        else ten(framing, name.toLowerCase(), pairs[i + 1]!)
        break
      case 14:
        if (name === 'Content-Length' || name.toLowerCase() === 'content-length')
          contentLength(framing, pairs[i + 1]!)
        break
      case 16:
        // Of HTTP/1.0, and read by some as the other one: whoever closes is believed.
        if (name.toLowerCase() === 'proxy-connection' && CLOSE.test(pairs[i + 1]!)) framing.close = true
        break
      case 17:
        if (name === 'Transfer-Encoding' || name.toLowerCase() === 'transfer-encoding')
          transferCoding(framing, pairs[i + 1]!, minor)
        break
      default:
    }
  }
  return framing
}

function ten(framing: Framing, lower: string, value: string): void {
  if (lower === 'connection') connection(framing, value)
  else if (lower === 'keep-alive') framing.keepAliveSeconds = Number(TIMEOUT.exec(value)?.[1] ?? -1)
}

function connection(framing: Framing, value: string): void {
  if (value === 'keep-alive') framing.keepAlive = true
  else if (value === 'close') framing.close = true
  else
    for (const part of value.toLowerCase().split(',')) {
      const option = withoutSpace(part)
      if (option === 'close') framing.close = true
      else if (option === 'keep-alive') framing.keepAlive = true
      else if (option === 'upgrade') framing.upgrade = true
    }
}

function withoutSpace(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isSpace(text.charCodeAt(from))) from++
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

const isSpace = (code: number): boolean => code === SPACE || code === TAB

function contentLength(framing: Framing, value: string): void {
  if (framing.contentLength !== -1) throw new MessageSyntaxError('two Content-Lengths')
  if (framing.chunked) throw new MessageSyntaxError('a Content-Length beside a Transfer-Encoding')
  if (!isLength(value)) throw new MessageSyntaxError('a Content-Length that is no number of bytes')
  framing.contentLength = Number(value)
}

function transferCoding(framing: Framing, value: string, minor: number): void {
  if (framing.contentLength !== -1)
    throw new MessageSyntaxError('a Transfer-Encoding beside a Content-Length')
  if (framing.chunked) throw new MessageSyntaxError('two Transfer-Encodings')
  // Proxies of that time passed it on without a word about it.
  if (minor === 0) throw new MessageSyntaxError('a transfer coding in HTTP/1.0')
  if (value !== 'chunked' && value.toLowerCase() !== 'chunked')
    throw new MessageSyntaxError('a transfer coding other than chunked')
  framing.chunked = true
}
