import { BACKSLASH, CR, EQUALS, HEX, LF, QUOTE, SEMICOLON, TOKEN, VALUE } from './characters.ts'
import { FieldSection, type SectionLimits } from './field-section.ts'
import { MessageSyntaxError } from './syntax-error.ts'

/** Digits of a chunk's size: 2^52 - 1, without leading zeros beyond it. */
const MAX_DIGITS = 13
/** Of all extensions of one body. Nobody uses any; a chunk of one byte could carry megabytes of them. */
const MAX_EXTENSION_BYTES = 4_096

const SIZE = 0
const EXTENSION_NAME = 1
const EXTENSION_VALUE = 2
const QUOTED = 3
const ESCAPED = 4
const AFTER_QUOTED = 5
const SIZE_LF = 6
const DATA = 7
const DATA_CR = 8
const DATA_LF = 9
const TRAILERS = 10

const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'host'])

/**
 * Takes the chunks of a body apart (RFC 9112, 7.1). Sizes are hexadecimal digits and nothing else; extensions are
 * `;name`, `;name=token` or `;name="text"` without space, and ignored; trailers are fields as strict as those of a head.
 */
export class ChunkedBody {
  readonly #section: FieldSection
  #state = SIZE
  #size = 0
  #digits = 0
  #extensionBytes = 0
  /** Of the present token of an extension. */
  #length = 0
  /** Bytes of trailers that were seen, while more are to come. */
  #held: Buffer | undefined = undefined
  /** The data that the last call found: from `from` up to `to` of its bytes. */
  from = 0
  to = 0
  done = false
  trailers: string[] | undefined = undefined

  constructor(limits: SectionLimits) {
    this.#section = new FieldSection(limits)
  }

  /** Reads on, up to the end of some data, of the body, or of the bytes. The position after that. Throws MessageSyntaxError. */
  read(bytes: Buffer, at: number, end: number): number {
    let i = at
    this.from = this.to = i
    while (i < end) {
      switch (this.#state) {
        case SIZE: {
          const digit = HEX[bytes[i]!]!
          if (digit !== 255) {
            if (++this.#digits > MAX_DIGITS) throw new MessageSyntaxError('a chunk whose size is too large')
            this.#size = this.#size * 16 + digit
            i++
            break
          }
          if (this.#digits === 0) throw new MessageSyntaxError('a chunk whose size is no number')
          i = this.#afterSize(bytes[i]!, i)
          break
        }
        case EXTENSION_NAME:
        case EXTENSION_VALUE:
        case QUOTED:
        case ESCAPED:
        case AFTER_QUOTED:
          i = this.#extension(bytes[i]!, i)
          break
        case SIZE_LF:
          if (bytes[i++] !== LF) throw new MessageSyntaxError('a chunk’s size that does not end with CRLF')
          this.#state = this.#size === 0 ? TRAILERS : DATA
          if (this.#size === 0) this.#section.reset()
          break
        case DATA: {
          const length = Math.min(this.#size, end - i)
          this.from = i
          this.to = i + length
          this.#size -= length
          if (this.#size === 0) this.#state = DATA_CR
          return this.to
        }
        case DATA_CR:
          if (bytes[i++] !== CR) throw new MessageSyntaxError('a chunk that is longer than its size')
          this.#state = DATA_LF
          break
        case DATA_LF:
          if (bytes[i++] !== LF) throw new MessageSyntaxError('a chunk that does not end with CRLF')
          this.#digits = 0
          this.#state = SIZE
          break
        default:
          return this.#trailers(bytes, i, end)
      }
    }
    this.from = this.to = i
    return i
  }

  #afterSize(byte: number, i: number): number {
    if (byte === CR) this.#state = SIZE_LF
    else if (byte === SEMICOLON) this.#begin(EXTENSION_NAME)
    else throw new MessageSyntaxError('a chunk whose size is no number')
    return i + 1
  }

  #begin(state: number): void {
    this.#length = 0
    this.#state = state
  }

  #extension(byte: number, i: number): number {
    if (++this.#extensionBytes > MAX_EXTENSION_BYTES)
      throw new MessageSyntaxError(
        `more than ${MAX_EXTENSION_BYTES} bytes of chunk extensions`,
        'extension-bytes',
      )
    switch (this.#state) {
      case QUOTED:
        if (byte === QUOTE) this.#state = AFTER_QUOTED
        else if (byte === BACKSLASH) this.#state = ESCAPED
        else if (VALUE[byte] === 0) throw wrongExtension()
        return i + 1
      case ESCAPED:
        if (VALUE[byte] === 0) throw wrongExtension()
        this.#state = QUOTED
        return i + 1
      case AFTER_QUOTED:
        if (byte !== CR && byte !== SEMICOLON) throw wrongExtension()
        return this.#afterSize(byte, i)
      default:
    }
    if (TOKEN[byte] === 1) {
      this.#length++
      return i + 1
    }
    if (this.#length === 0) {
      if (this.#state !== EXTENSION_VALUE || byte !== QUOTE) throw wrongExtension()
      this.#state = QUOTED
      return i + 1
    }
    if (byte === EQUALS && this.#state === EXTENSION_NAME) {
      this.#begin(EXTENSION_VALUE)
      return i + 1
    }
    if (byte !== CR && byte !== SEMICOLON) throw wrongExtension()
    return this.#afterSize(byte, i)
  }

  #trailers(received: Buffer, at: number, end: number): number {
    const held = this.#held
    const bytes =
      held === undefined ? received.subarray(at, end) : Buffer.concat([held, received.subarray(at, end)])
    const seen = held?.length ?? 0
    const after = this.#section.read(bytes, 0, seen, bytes.length)
    this.from = this.to = end
    if (after === -1) {
      this.#held = held === undefined ? Buffer.from(bytes) : bytes
      return end
    }
    const pairs = this.#section.pairs(bytes, 0, after)
    for (let i = 0; i < pairs.length; i += 2)
      if (FRAMING.has(pairs[i]!.toLowerCase()))
        throw new MessageSyntaxError('a trailer that frames or routes')
    if (pairs.length > 0) this.trailers = pairs
    this.#held = undefined
    this.done = true
    return at + after - seen
  }
}

const wrongExtension = (): MessageSyntaxError => new MessageSyntaxError('a chunk extension that is none')
