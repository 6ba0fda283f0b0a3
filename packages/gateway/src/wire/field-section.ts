import { COLON, CR, latin1, LF, SPACE, TAB, TOKEN, VALUE } from './characters.ts'
import { internName } from './interned-names.ts'
import { MessageSyntaxError } from './syntax-error.ts'

/** Heads up to this size are kept whole by the values cut from them; from larger ones values are copied. */
const SHARED_HEAD = 2_048

const CODING_LENGTH = 'transfer-encoding'.length

export interface SectionLimits {
  /** Of a head with its first line, or of all trailers. */
  readonly bytes: number
  readonly fields: number
}

const FIELD = 0
const NAME = 1
const OPTIONAL_SPACE = 2
const VALUE_BYTES = 3
const LINE_FEED = 4
const LAST_LINE_FEED = 5

/**
 * The fields of one section (RFC 9112, 5), read byte by byte, so that it does not matter where packets end. Lines end
 * with CRLF and with nothing else, names are tokens that the colon follows at once, values are not folded.
 *
 * Offsets are relative to the section's first byte, because a section that comes in parts is read again from a buffer
 * that has grown; no byte is looked at twice.
 */
export class FieldSection {
  readonly limits: SectionLimits
  #state = FIELD
  /** Of each field: begin and end of its name, hash of its name, begin and end of its value. */
  readonly #marks: number[] = []
  #marked = 0
  #hash = 0

  constructor(limits: SectionLimits) {
    this.limits = limits
  }

  reset(): void {
    this.#state = FIELD
    this.#marked = 0
  }

  /**
   * Reads on at `at` in `bytes`, whose section begins at `base`. The position after the section, or -1 when `end` comes
   * first. Throws MessageSyntaxError.
   */
  read(bytes: Buffer, base: number, at: number, end: number): number {
    const marks = this.#marks
    let i = at
    let state = this.#state
    while (i < end) {
      switch (state) {
        case FIELD: {
          const byte = bytes[i]!
          if (byte === CR) {
            state = LAST_LINE_FEED
            i++
            break
          }
          if (this.#marked >= this.limits.fields * 5)
            throw new MessageSyntaxError(`more than ${this.limits.fields} fields`, 'field-count')
          if (byte === SPACE || byte === TAB) throw new MessageSyntaxError('a folded field')
          if (TOKEN[byte] === 0) throw new MessageSyntaxError('a field whose name is no token')
          marks[this.#marked] = i - base
          this.#hash = 0
          state = NAME
          break
        }
        case NAME: {
          let hash = this.#hash
          while (i < end && TOKEN[bytes[i]!] === 1) hash = (Math.imul(hash, 31) + bytes[i++]!) | 0
          this.#hash = hash
          if (i === end) break
          if (bytes[i] !== COLON) throw new MessageSyntaxError('a field whose name no colon follows')
          marks[this.#marked + 1] = i - base
          marks[this.#marked + 2] = hash
          i++
          state = OPTIONAL_SPACE
          break
        }
        case OPTIONAL_SPACE:
          while (i < end && (bytes[i] === SPACE || bytes[i] === TAB)) i++
          if (i === end) break
          marks[this.#marked + 3] = i - base
          state = VALUE_BYTES
          break
        case VALUE_BYTES: {
          while (i < end && VALUE[bytes[i]!] === 1) i++
          if (i === end) break
          if (bytes[i] !== CR) throw new MessageSyntaxError('a control character in the value of a field')
          const from = marks[this.#marked + 3]!
          let to = i - base
          while (to > from && isSpace(bytes[base + to - 1]!)) to--
          if (to < i - base) checkSpace(marks, this.#marked, bytes, base + to, i)
          marks[this.#marked + 4] = to
          this.#marked += 5
          i++
          state = LINE_FEED
          break
        }
        case LINE_FEED:
          if (bytes[i++] !== LF) throw new MessageSyntaxError('a carriage return without a line feed')
          state = FIELD
          break
        default:
          if (bytes[i++] !== LF) throw new MessageSyntaxError('a carriage return without a line feed')
          this.#state = FIELD
          this.#checkBytes(i - base)
          return i
      }
    }
    this.#state = state
    this.#checkBytes(i - base)
    return -1
  }

  #checkBytes(bytes: number): void {
    if (bytes > this.limits.bytes)
      throw new MessageSyntaxError(`more than ${this.limits.bytes} bytes of head`, 'head-bytes')
  }

  /** Name, value, name, value … of a complete section. */
  pairs(bytes: Buffer, base: number, end: number): string[] {
    const marks = this.#marks
    const pairs: string[] = []
    const text = end - base > SHARED_HEAD ? undefined : latin1(bytes, base, end)
    for (let i = 0; i < this.#marked; i += 5) {
      const from = marks[i + 3]!
      const to = marks[i + 4]!
      pairs.push(
        internName(bytes, base + marks[i]!, base + marks[i + 1]!, marks[i + 2]!),
        text === undefined ? latin1(bytes, base + from, base + to) : text.slice(from, to),
      )
    }
    return pairs
  }
}

/** llhttp takes no tab behind a transfer coding, which RFC 9110 allows. No field that frames is called otherwise so long. */
function checkSpace(marks: readonly number[], at: number, bytes: Buffer, from: number, to: number): void {
  if (marks[at + 1]! - marks[at]! !== CODING_LENGTH) return
  if (bytes.subarray(from, to).includes(TAB)) throw new MessageSyntaxError('a tab behind a transfer coding')
}

const isSpace = (byte: number): boolean => byte === SPACE || byte === TAB
