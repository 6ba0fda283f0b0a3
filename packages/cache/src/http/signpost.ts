import { randomBytes } from 'node:crypto'
import { field, type Fields } from './semantics/fields.ts'
import { variantOf } from './semantics/vary.ts'

/** Different in every process: what one stores, another may read. */
const PROCESS = randomBytes(6).toString('base64url')
let signposts = 0

const MAX_REMEMBERED = 256
const MAX_REMEMBERED_LENGTH = 512

/** Under the key of an address whose responses vary: by which request headers. */
export class Signpost {
  readonly vary: readonly string[]
  /** Part of the variants' keys: what was stored before the address was invalidated is never found again. */
  readonly generation: string
  /** Keys of the variants that this process stored, the oldest first. */
  readonly variants = new Set<string>()
  /** Browsers send the same few values over and over: what they come to is worked out once. */
  readonly #ids = new Map<string, string>()

  constructor(vary: readonly string[], generation = `${PROCESS}${++signposts}`) {
    this.vary = vary
    this.generation = generation
  }

  /** The key of the variant for a request. */
  variantId(key: string, fields: Fields): string {
    let asSent = ''
    for (const name of this.vary) {
      const value = field(fields, name)
      // No header field contains a line break.
      asSent += value === undefined ? '\n' : `${value}\r\n`
    }
    const known = this.#ids.get(asSent)
    if (known !== undefined) return known
    const id = `${key} ${this.generation} ${variantOf(this.vary, fields)}`
    if (asSent.length <= MAX_REMEMBERED_LENGTH) {
      if (this.#ids.size >= MAX_REMEMBERED) this.#ids.clear()
      this.#ids.set(asSent, id)
    }
    return id
  }
}
