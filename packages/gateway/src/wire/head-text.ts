import { TOKEN, VALUE } from './characters.ts'

/** A field that no head may carry: what it would say could be read as another field, or as the end of the head. */
export class InvalidFieldError extends Error {
  readonly code: string

  constructor(what: string, code = 'ERR_INVALID_CHAR') {
    super(what)
    this.code = code
  }
}

/** Appends the fields to a head. Throws InvalidFieldError for a character that must not stand there. */
export function withFields(head: string, pairs: readonly string[]): string {
  let text = head
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]!
    const value = pairs[i + 1]!
    checkName(name)
    checkValue(value)
    text += `${name}: ${value}\r\n`
  }
  return text
}

// Names are few; those found good are remembered instead of looked at again.
const MAX_KNOWN = 1_000
const known = new Set<string>()

function checkName(name: string): void {
  if (known.has(name)) return
  let good = name.length > 0
  for (let i = 0; i < name.length; i++) good &&= TOKEN[name.charCodeAt(i)] === 1
  if (!good) throw new InvalidFieldError('the name of a field is no token')
  if (known.size >= MAX_KNOWN) known.clear()
  known.add(name)
}

export function checkValue(value: string): void {
  // Beyond 255 the table has nothing, which is not 1 either.
  for (let i = 0; i < value.length; i++)
    if (VALUE[value.charCodeAt(i)] !== 1)
      throw new InvalidFieldError('the value of a field has a character that must not be there')
}

const SECOND = 1_000
let dateUntil = 0
let date = ''

/** The value of `Date`, made once a second. */
export function httpDate(): string {
  const now = Date.now()
  if (now >= dateUntil || now < dateUntil - SECOND) {
    dateUntil = now - (now % SECOND) + SECOND
    date = new Date(now).toUTCString()
  }
  return date
}
