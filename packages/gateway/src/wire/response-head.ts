import { CR, latin1, LF, SPACE, VALUE, ZERO } from './characters.ts'
import { FieldSection, type SectionLimits } from './field-section.ts'
import { framingOf, type Framing } from './framing.ts'
import { MessageSyntaxError } from './syntax-error.ts'

const VERSION = Buffer.from('HTTP/1.')

const PROTOCOL = 0
const MINOR = 1
const GAP = 2
const STATUS = 3
const AFTER_STATUS = 4
const REASON = 5
const LINE_FEED = 6
const FIELDS = 7

/** The head of a response (RFC 9112, 4), in any number of parts, as strictly as `RequestHead`. */
export class ResponseHead {
  readonly #section: FieldSection
  #state = PROTOCOL
  #scanned = 0
  #mark = 0
  #digits = 0
  minor = 1
  status = 0
  reason = ''
  pairs: string[] = []
  framing!: Framing

  constructor(limits: SectionLimits) {
    this.#section = new FieldSection(limits)
  }

  /** As `RequestHead.read`. */
  read(bytes: Buffer, base: number, end: number): number {
    let i = base + this.#scanned
    if (this.#state !== FIELDS) {
      i = this.#line(bytes, base, i, end)
      this.#scanned = i - base
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
    this.#state = PROTOCOL
    this.#scanned = 0
    return after
  }

  #line(bytes: Buffer, base: number, at: number, end: number): number {
    let i = at
    while (i < end) {
      switch (this.#state) {
        case PROTOCOL: {
          let seen = i - base
          while (i < end && seen < VERSION.length)
            if (bytes[i++] !== VERSION[seen++]) throw new MessageSyntaxError('a version other than HTTP/1')
          if (seen === VERSION.length) this.#state = MINOR
          break
        }
        case MINOR:
          this.minor = bytes[i++]! - ZERO
          if (this.minor !== 0 && this.minor !== 1)
            throw new MessageSyntaxError('a version other than HTTP/1.0 and HTTP/1.1')
          this.#state = GAP
          break
        case GAP:
          if (bytes[i++] !== SPACE) throw new MessageSyntaxError('a status line without a status')
          this.status = 0
          this.#digits = 0
          this.#state = STATUS
          break
        case STATUS: {
          const digit = bytes[i++]! - ZERO
          if (digit < 0 || digit > 9) throw new MessageSyntaxError('a status that is no number')
          this.status = this.status * 10 + digit
          if (++this.#digits < 3) break
          if (this.status < 100) throw new MessageSyntaxError('a status below 100')
          this.#state = AFTER_STATUS
          break
        }
        case AFTER_STATUS:
          // Some servers leave the space before an empty reason away.
          if (bytes[i] !== SPACE && bytes[i] !== CR)
            throw new MessageSyntaxError('a status of more than three digits')
          if (bytes[i] === SPACE) i++
          this.#mark = i - base
          this.#state = REASON
          break
        case REASON:
          while (i < end && VALUE[bytes[i]!] === 1) i++
          if (i === end) return i
          if (bytes[i] !== CR) throw new MessageSyntaxError('a control character in the status line')
          this.reason = reasonOf(bytes, base + this.#mark, i)
          i++
          this.#state = LINE_FEED
          break
        case LINE_FEED:
          if (bytes[i++] !== LF) throw new MessageSyntaxError('a status line that does not end with CRLF')
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

function reasonOf(bytes: Buffer, from: number, to: number): string {
  // OK
  if (to - from === 2 && bytes[from] === 79 && bytes[from + 1] === 75) return 'OK'
  return latin1(bytes, from, to)
}
