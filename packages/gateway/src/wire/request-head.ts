import { METHODS } from 'node:http'
import {
  ASTERISK,
  AUTHORITY,
  CR,
  latin1,
  LF,
  QUESTION,
  SLASH,
  SPACE,
  TARGET,
  TOKEN,
  ZERO,
} from './characters.ts'
import { FieldSection, type SectionLimits } from './field-section.ts'
import { framingOf, type Framing } from './framing.ts'
import { MessageSyntaxError } from './syntax-error.ts'

const VERSION = Buffer.from('HTTP/1.')
const ABSOLUTE = /^https?:\/\//i

/** What llhttp knows; of other methods it is not known what they mean. */
const KNOWN: ReadonlySet<string> = new Set(METHODS)
/** What may come before the space that ends a method. */
const BEGUN: ReadonlySet<string> = new Set(
  METHODS.flatMap((method) => Array.from(method, (_, i) => method.slice(0, i + 1))),
)
const LONGEST = Math.max(...METHODS.map((method) => method.length))

const EMPTY_LINES = 0
const METHOD = 1
const REQUEST_TARGET = 2
const PROTOCOL = 3
const MINOR = 4
const CARRIAGE_RETURN = 5
const LINE_FEED = 6
const FIELDS = 7

/**
 * The head of a request (RFC 9112, 3). `read` takes it in any number of parts; afterwards the fields say what it was.
 * Stricter than llhttp, which node:http uses: only CRLF, only HTTP/1.0 and 1.1, no tab or other control character in a
 * target, nothing but `http` and `https` in front of an authority, one Host at most.
 */
export class RequestHead {
  readonly #section: FieldSection
  #state = EMPTY_LINES
  #scanned = 0
  #mark = 0
  method = ''
  target = ''
  minor = 1
  pairs: string[] = []
  framing!: Framing

  constructor(limits: SectionLimits) {
    this.#section = new FieldSection(limits)
  }

  /** A byte of it has been read. */
  get begun(): boolean {
    return this.#scanned > 0
  }

  /**
   * Reads the bytes from `base` to `end`, of which those of an earlier call were already seen. The position after the
   * head, or -1 while it is not complete; then `begun` is true, and the same bytes must come first next time. Throws
   * MessageSyntaxError.
   */
  read(bytes: Buffer, base: number, end: number): number {
    let i = base + this.#scanned
    if (this.#state !== FIELDS) {
      i = this.#line(bytes, base, i, end)
      this.#scanned = i - base
      // A head that ends here would have no byte left for its fields.
      if (this.#scanned > this.#section.limits.bytes)
        throw new MessageSyntaxError(`more than ${this.#section.limits.bytes} bytes of head`, 'head-bytes')
      if (this.#state !== FIELDS) return -1
    }
    const after = this.#section.read(bytes, base, i, end)
    if (after === -1) {
      this.#scanned = end - base
      return -1
    }
    this.pairs = this.#section.pairs(bytes, base, after)
    this.framing = framingOf(this.pairs, this.minor)
    if (this.framing.hosts > 1) throw new MessageSyntaxError('two Hosts')
    if (this.framing.hosts === 0 && this.minor === 1) throw new MessageSyntaxError('a request without Host')
    this.#state = EMPTY_LINES
    this.#scanned = 0
    return after
  }

  #line(bytes: Buffer, base: number, at: number, end: number): number {
    let i = at
    while (i < end) {
      switch (this.#state) {
        case EMPTY_LINES:
          // RFC 9112, 2.2: some clients end a body with a line break that is not theirs to send.
          if (bytes[i] === CR || bytes[i] === LF) {
            if (bytes[i] === LF ? i === base || bytes[i - 1] !== CR : i > base && bytes[i - 1] === CR)
              throw new MessageSyntaxError('a line break that is not CRLF')
            i++
            break
          }
          if (i > base && bytes[i - 1] === CR) throw new MessageSyntaxError('a line break that is not CRLF')
          this.#mark = i - base
          this.#state = METHOD
          break
        case METHOD: {
          while (i < end && TOKEN[bytes[i]!] === 1) i++
          const from = base + this.#mark
          if (i - from > LONGEST) throw new MessageSyntaxError('a request line without a known method')
          if (i === end) {
            if (!BEGUN.has(latin1(bytes, from, i)))
              throw new MessageSyntaxError('a request line without a known method')
            return i
          }
          if (bytes[i] !== SPACE || i === from)
            throw new MessageSyntaxError('a request line without a known method')
          this.method = methodOf(bytes, from, i)
          this.#mark = ++i - base
          this.#state = REQUEST_TARGET
          break
        }
        case REQUEST_TARGET:
          while (i < end && TARGET[bytes[i]!] === 1) i++
          if (i === end) return i
          if (bytes[i] !== SPACE) throw new MessageSyntaxError('a control character in the request target')
          this.target = latin1(bytes, base + this.#mark, i)
          checkTarget(bytes, base + this.#mark, i, this.method, this.target)
          this.#mark = ++i - base
          this.#state = PROTOCOL
          break
        case PROTOCOL: {
          let seen = i - base - this.#mark
          while (i < end && seen < VERSION.length)
            if (bytes[i++] !== VERSION[seen++]) throw new MessageSyntaxError('a version other than HTTP/1')
          if (seen === VERSION.length) this.#state = MINOR
          break
        }
        case MINOR:
          this.minor = bytes[i++]! - ZERO
          if (this.minor !== 0 && this.minor !== 1)
            throw new MessageSyntaxError('a version other than HTTP/1.0 and HTTP/1.1')
          this.#state = CARRIAGE_RETURN
          break
        case CARRIAGE_RETURN:
          if (bytes[i++] !== CR) throw new MessageSyntaxError('a request line that does not end with CRLF')
          this.#state = LINE_FEED
          break
        case LINE_FEED:
          if (bytes[i++] !== LF) throw new MessageSyntaxError('a request line that does not end with CRLF')
          this.#state = FIELDS
          this.#section.reset()
          return i
        default:
          return i
      }
    }
    return i
  }
}

function methodOf(bytes: Buffer, from: number, to: number): string {
  // GET, the only one so short that begins with G.
  if (to - from === 3 && bytes[from] === 71 && bytes[from + 1] === 69 && bytes[from + 2] === 84) return 'GET'
  const method = latin1(bytes, from, to)
  if (!KNOWN.has(method)) throw new MessageSyntaxError('a request line without a known method')
  return method
}

/** RFC 9112, 3.2: a path; an absolute form for any method; an authority for CONNECT; an asterisk. */
function checkTarget(bytes: Buffer, from: number, to: number, method: string, target: string): void {
  if (method === 'CONNECT') {
    checkAuthority(bytes, from, to, from, to)
    return
  }
  if (bytes[from] === SLASH) return
  if (bytes[from] === ASTERISK && to - from === 1) return
  const scheme = ABSOLUTE.exec(target)
  if (scheme === null) throw new MessageSyntaxError('a request target that is neither a path nor a URL')
  const host = from + scheme[0].length
  checkAuthority(bytes, from, to, host, to)
}

function checkAuthority(bytes: Buffer, from: number, to: number, host: number, end: number): void {
  let i = host
  while (i < end && AUTHORITY[bytes[i]!] === 1) i++
  if (i === host) throw new MessageSyntaxError('a request target without a host')
  if (i < end && (host === from || (bytes[i] !== SLASH && bytes[i] !== QUESTION)))
    throw new MessageSyntaxError('a request target whose host is no host')
}
