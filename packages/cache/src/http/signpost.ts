import { randomBytes } from 'node:crypto'
import { field, type Fields } from './semantics/fields.ts'
import { variantOf } from './semantics/vary.ts'

/** Different in every process: what one stores, another may read. */
const PROCESS = randomBytes(6).toString('base64url')
let signposts = 0

/**
 * Browsers send the same few values over and over: what they come to is worked out once. For all addresses together,
 * because visitors choose the values, and how many addresses they send them to.
 */
const remembered = new Map<string, string>()
const MAX_REMEMBERED = 4_096
const MAX_REMEMBERED_LENGTH = 1_024

/** Under the key of an address whose responses vary: by which request headers. */
export class Signpost {
  readonly vary: readonly string[]
  /** Part of the variants' keys: what was stored before the address was invalidated is never found again. */
  readonly generation: string
  /** Keys of the variants that this process stored and still has, the oldest first. */
  readonly variants = new Set<string>()

  constructor(vary: readonly string[], generation = `${PROCESS}${++signposts}`) {
    this.vary = vary
    this.generation = generation
  }

  /** The key of the variant for a request. */
  variantId(key: string, fields: Fields): string {
    let asSent = this.generation
    for (const name of this.vary) {
      const value = field(fields, name)
      // No header field contains a line break.
      asSent += value === undefined ? '\n' : `\r${value}\n`
    }
    const known = remembered.get(asSent)
    if (known !== undefined) return known
    const id = `${key} ${this.generation} ${variantOf(this.vary, fields)}`
    if (asSent.length + id.length <= MAX_REMEMBERED_LENGTH) {
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      remembered.set(asSent, id)
    }
    return id
  }
}
