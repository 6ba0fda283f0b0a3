import { randomBytes } from 'node:crypto'

/** Different in every process: what one stores, another may read. */
const PROCESS = randomBytes(6).toString('base64url')
let signposts = 0

/** Under the base key: by which request headers a response varies, or that it cannot be stored. */
export class Signpost {
  /** Undefined: such responses are not stored. */
  readonly vary: readonly string[] | undefined
  /** Part of the variants' keys: what was stored before the page was invalidated is never found again. */
  readonly generation: string
  /** Keys of the variants that this process stored, the oldest first. */
  readonly variants = new Set<string>()

  constructor(vary: readonly string[] | undefined, generation = `${PROCESS}${++signposts}`) {
    this.vary = vary
    this.generation = generation
  }
}
