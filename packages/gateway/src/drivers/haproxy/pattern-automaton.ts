import { parsePattern, type Node } from './pattern-syntax.ts'

/** More than this is not worth a regular expression in a route. */
const MAX_STATES = 500
/** Of expressions that are met on the way: it says how long the translation may take. */
const MAX_TERMS = 20_000
const SYMBOLS = 256

/** An expression whose equal ones are the same object. */
interface Term {
  id: number
  node: Node['kind']
  bytes?: ReadonlySet<number>
  parts: readonly Term[]
  /** Whether it matches nothing at all. */
  nullable: boolean
  derivatives: Map<number, Term>
}

class Terms {
  readonly #known = new Map<string, Term>()
  readonly never = this.#term('never', [], false)
  readonly empty = this.#term('empty', [], true)

  #term(node: Node['kind'], parts: readonly Term[], nullable: boolean, bytes?: readonly number[]): Term {
    const key = `${node} ${(bytes ?? parts.map(({ id }) => id)).join()}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size === MAX_TERMS) throw new Error('it is too large')
    const term = { id: this.#known.size, node, parts, nullable, derivatives: new Map<number, Term>() }
    const made: Term = bytes === undefined ? term : { ...term, bytes: new Set(bytes) }
    this.#known.set(key, made)
    return made
  }

  of(node: Node): Term {
    switch (node.kind) {
      case 'never':
        return this.never
      case 'empty':
        return this.empty
      case 'set':
        return this.#term('set', [], false, node.bytes)
      case 'star':
        return this.#star(this.of(node.of))
      case 'then':
        return this.#then(this.of(node.first), this.of(node.rest))
      default:
        return this.#either(node.of.map((each) => this.of(each)))
    }
  }

  #star(of: Term): Term {
    return of.node === 'star' || of.node === 'empty' ? of : this.#term('star', [of], true)
  }

  #then(first: Term, rest: Term): Term {
    if (first === this.never || rest === this.never) return this.never
    if (first === this.empty) return rest
    if (rest === this.empty) return first
    if (first.node === 'then') return this.#then(first.parts[0]!, this.#then(first.parts[1]!, rest))
    return this.#term('then', [first, rest], first.nullable && rest.nullable)
  }

  #either(terms: readonly Term[]): Term {
    const kept = new Set(terms.flatMap((term) => (term.node === 'either' ? term.parts : [term])))
    kept.delete(this.never)
    const sorted = [...kept].sort((a, b) => a.id - b.id)
    if (sorted.length <= 1) return sorted[0] ?? this.never
    return this.#term(
      'either',
      sorted,
      sorted.some(({ nullable }) => nullable),
    )
  }

  /** What has to follow after a byte. */
  derivative(term: Term, byte: number): Term {
    const known = term.derivatives.get(byte)
    if (known !== undefined) return known
    const made = this.#derivative(term, byte)
    term.derivatives.set(byte, made)
    return made
  }

  #derivative(term: Term, byte: number): Term {
    const [first, rest] = term.parts
    switch (term.node) {
      case 'never':
      case 'empty':
        return this.never
      case 'set':
        return term.bytes!.has(byte) ? this.empty : this.never
      case 'star':
        return this.#then(this.derivative(first!, byte), term)
      case 'then': {
        const after = this.#then(this.derivative(first!, byte), rest!)
        return first!.nullable ? this.#either([after, this.derivative(rest!, byte)]) : after
      }
      default:
        return this.#either(term.parts.map((each) => this.derivative(each, byte)))
    }
  }

  /** Bytes that no set tells apart are one class. */
  classes(): number[] {
    const sets = [...this.#known.values()].flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes]))
    const numbers = new Map<string, number>()
    return Array.from({ length: SYMBOLS }, (_, byte) => {
      const signature = sets.map((set) => (set.has(byte) ? '1' : '0')).join('')
      const number = numbers.get(signature) ?? numbers.size
      numbers.set(signature, number)
      return number
    })
  }
}

/** A deterministic automaton over bytes. State 0 is the first; -1 in place of a state: no match any more. */
export interface Automaton {
  /** The class of each byte. */
  classes: number[]
  /** By state, then by class. */
  next: number[][]
  accepting: boolean[]
}

/**
 * The automaton that matches what the pattern matches as a whole, by derivatives (Brzozowski, "Derivatives of Regular Expressions",
 * 1964): each byte of a value costs one look-up, whatever the pattern is. Throws an Error that says what of RE2's syntax is
 * not translated, or that there are more than 500 states.
 */
export function automatonOf(pattern: string): Automaton {
  const terms = new Terms()
  const root = terms.of(parsePattern(pattern))
  const classes = terms.classes()
  const representatives = [...new Set(classes)].map((number) => classes.indexOf(number))
  const numbers = new Map([[root, 0]])
  const states = [root]
  const next: number[][] = []
  for (let state = 0; state < states.length; state++) {
    next.push(
      representatives.map((byte) => {
        const after = terms.derivative(states[state]!, byte)
        if (after === terms.never) return -1
        const known = numbers.get(after)
        if (known !== undefined) return known
        if (states.length === MAX_STATES) throw new Error(`it has more than ${MAX_STATES} states`)
        numbers.set(after, states.length)
        return states.push(after) - 1
      }),
    )
  }
  return { classes, next, accepting: states.map(({ nullable }) => nullable) }
}

/** As HAProxy's script does it. */
export function accepts({ classes, next, accepting }: Automaton, bytes: Uint8Array): boolean {
  let state = 0
  for (const byte of bytes) {
    state = next[state]![classes[byte]!]!
    if (state < 0) return false
  }
  return accepting[state]!
}
