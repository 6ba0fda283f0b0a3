const SLASH = 47
const QUESTION_MARK = 63

/**
 * The longest prefix on whole segments: one look-up for each of the path's segments that is as long as some prefix, however
 * many prefixes there are. The path is compared as it was sent, neither decoded nor normalised: what the gateway matches is
 * exactly what the backend receives, so the two cannot disagree about it.
 */
export class PrefixTable<Value> {
  readonly #values = new Map<string, Value>()
  /** By length, whether there is a prefix of it. */
  readonly #lengths: boolean[] = [false]
  #root: Value | undefined = undefined
  /** What stands at the prefix that `longest` found last: a second look-up would cost as much as the first. */
  found: Value | undefined = undefined

  get(prefix: string): Value | undefined {
    return this.#values.get(prefix)
  }

  /** Without the slash at the end; empty for `/`. */
  set(prefix: string, value: Value): void {
    this.#values.set(prefix, value)
    if (prefix === '') this.#root = value
    while (this.#lengths.length <= prefix.length) this.#lengths.push(false)
    this.#lengths[prefix.length] = true
  }

  values(): Iterable<Value> {
    return this.#values.values()
  }

  /** Of the prefixes that are there and not longer than `most`: the length of the longest; -1: there is none. */
  longest(path: string, most: number): number {
    const lengths = this.#lengths
    let length = Math.min(most, path.length, lengths.length - 1)
    if (length > 0) {
      const query = path.indexOf('?')
      if (query >= 0 && query < length) length = query
    }
    for (; length > 0; length--) {
      if (!lengths[length]) continue
      const next = path.charCodeAt(length)
      if (length !== path.length && next !== SLASH && next !== QUESTION_MARK) continue
      this.found = this.#values.get(path.slice(0, length))
      if (this.found !== undefined) return length
    }
    this.found = length === 0 ? this.#root : undefined
    return this.found === undefined ? -1 : 0
  }
}
