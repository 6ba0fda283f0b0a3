/** A regular expression over bytes. */
export type Node =
  | { kind: 'never' }
  | { kind: 'empty' }
  | { kind: 'set'; bytes: readonly number[] }
  | { kind: 'star'; of: Node }
  | { kind: 'then'; first: Node; rest: Node }
  | { kind: 'either'; of: readonly Node[] }

const MAX_REPEAT = 100

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)
const except = (bytes: readonly number[]): number[] => range(0, 255).filter((byte) => !bytes.includes(byte))

const NEWLINE = 10
const DIGIT = range(48, 57)
const WORD = [...DIGIT, ...range(65, 90), 95, ...range(97, 122)]
const SPACE = [9, 10, 12, 13, 32]
const CLASSES: Record<string, readonly number[]> = {
  d: DIGIT,
  D: except(DIGIT),
  w: WORD,
  W: except(WORD),
  s: SPACE,
  S: except(SPACE),
}
const PUNCTUATION = /[!-/:-@[-`{-~]/

/**
 * Reads the part of RE2's syntax that means the same of bytes as of text: literals in ASCII, `.`, classes, groups,
 * alternatives, repetitions up to 100 times, and `^` and `$` at the ends. Throws an Error that names what is not.
 */
export function parsePattern(pattern: string): Node {
  return new PatternParser(pattern).parse()
}

class PatternParser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): Node {
    const node = this.#alternatives()
    if (this.#at < this.#text.length) this.#refuse(this.#text[this.#at]!)
    return node
  }

  #refuse(what: string): never {
    throw new Error(`'${what}' at ${this.#at} is not translated`)
  }

  #takes(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #alternatives(): Node {
    const of = [this.#sequence()]
    while (this.#takes('|')) of.push(this.#sequence())
    return of.length === 1 ? of[0]! : { kind: 'either', of }
  }

  #sequence(): Node {
    const nodes: Node[] = []
    while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at]!)) nodes.push(this.#repeated())
    return nodes.reduceRight<Node>(
      (rest, first) => (rest.kind === 'empty' ? first : { kind: 'then', first, rest }),
      { kind: 'empty' },
    )
  }

  #repeated(): Node {
    const node = this.#atom()
    const times = this.#times()
    // Whether it takes as much as it can or as little makes no difference to whether the whole matches.
    if (times === undefined) return node
    this.#takes('?')
    if (this.#times() !== undefined) this.#refuse('a repetition of a repetition')
    const [min, max] = times
    const copies = (count: number, rest: Node): Node => {
      let all = rest
      for (let i = 0; i < count; i++) all = { kind: 'then', first: node, rest: all }
      return all
    }
    if (max === undefined) return copies(min, { kind: 'star', of: node })
    let optional: Node = { kind: 'empty' }
    for (let i = min; i < max; i++)
      optional = { kind: 'either', of: [{ kind: 'empty' }, { kind: 'then', first: node, rest: optional }] }
    return copies(min, optional)
  }

  #times(): [number, number | undefined] | undefined {
    if (this.#takes('*')) return [0, undefined]
    if (this.#takes('+')) return [1, undefined]
    if (this.#takes('?')) return [0, 1]
    const [all, min, comma, max] = /^\{(\d+)(,)?(\d+)?\}/.exec(this.#text.slice(this.#at)) ?? []
    if (all === undefined) return undefined
    const upTo = comma === undefined ? Number(min) : max === undefined ? undefined : Number(max)
    if (Math.max(Number(min), upTo ?? 0) > MAX_REPEAT) this.#refuse(all)
    this.#at += all.length
    return [Number(min), upTo]
  }

  #atom(): Node {
    const character = this.#text[this.#at]!
    if (this.#takes('(?:') || (this.#text[this.#at + 1] !== '?' && this.#takes('('))) {
      const node = this.#alternatives()
      if (!this.#takes(')')) this.#refuse('(')
      return node
    }
    if (this.#takes('.')) return { kind: 'set', bytes: except([NEWLINE]) }
    if (this.#takes('[')) return this.#class()
    if (character === '^' && this.#at === 0) return this.#edge()
    if (character === '$' && this.#at === this.#text.length - 1) return this.#edge()
    return { kind: 'set', bytes: this.#escaped() ?? this.#literal('(){}[]*+?^$|') }
  }

  /** Of an alternative it would be an edge of that only: only of a pattern without any. */
  #edge(): Node {
    if (this.#text.includes('|')) this.#refuse(this.#text[this.#at]!)
    this.#at++
    return { kind: 'empty' }
  }

  #escaped(): readonly number[] | undefined {
    if (!this.#takes('\\')) return undefined
    const character = this.#text[this.#at] ?? ''
    const bytes = CLASSES[character] ?? (PUNCTUATION.test(character) ? [character.charCodeAt(0)] : undefined)
    if (bytes === undefined) return this.#refuse(`\\${character}`)
    this.#at++
    return bytes
  }

  #literal(special: string): number[] {
    const character = this.#text[this.#at]!
    const code = character.charCodeAt(0)
    if (code > 126 || code < 32 || special.includes(character)) this.#refuse(character)
    this.#at++
    return [code]
  }

  #class(): Node {
    const negated = this.#takes('^')
    const bytes = new Set<number>()
    for (let first = true; first || this.#text[this.#at] !== ']'; first = false) {
      if (this.#at >= this.#text.length || this.#text.startsWith('[:', this.#at)) this.#refuse('[')
      const from = this.#escaped() ?? this.#literal('[]')
      if (this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']' && from.length === 1) {
        this.#at++
        const to = this.#escaped() ?? this.#literal('[]')
        if (to.length !== 1 || to[0]! < from[0]!) this.#refuse('-')
        for (const byte of range(from[0]!, to[0]!)) bytes.add(byte)
      } else {
        for (const byte of from) bytes.add(byte)
      }
    }
    this.#at++
    return { kind: 'set', bytes: negated ? except([...bytes]) : [...bytes].sort((a, b) => a - b) }
  }
}
