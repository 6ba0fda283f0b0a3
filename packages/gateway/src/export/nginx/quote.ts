/** A value as one word of NGINX's configuration, without variables: `$` must not be in it. */
export const word = (value: string): string =>
  /^[\w./:@-]+$/.test(value) ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** A regular expression as a key of a `map`, where `$` is no variable. */
export const pattern = (expression: string): string => word(`~${expression}`)

const hex = (code: number): string => `\\x${code.toString(16).padStart(2, '0')}`

/**
 * Text as an expression that matches nothing else: everything special or not printable as its code. Undefined: it has
 * characters that no byte of a request is, so nothing matches it.
 */
export function literal(text: string): string | undefined {
  let expression = ''
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff) return undefined
    expression += /[A-Za-z0-9/_-]/.test(text[i]!) ? text[i]! : hex(code)
  }
  return expression
}

/**
 * RE2 syntax as PCRE's, for the whole value: groups capture nothing, because NGINX makes variables of names; what is not
 * printable stands as its code, and a bracket within a class is escaped, because PCRE sees collating elements there.
 * Undefined: it has characters that no byte of a request is.
 */
export function wholeValue(re2: string): string | undefined {
  let out = ''
  let inClass = false
  for (let i = 0; i < re2.length;) {
    const [taken, text] = step(re2, i, inClass)
    if (text === undefined) return undefined
    if (text === '[' && !inClass) {
      inClass = true
      out += '['
      i += 1
      if (re2[i] === '^') out += re2[i++]
      // First in a class it stands for itself.
      if (re2[i] === ']') {
        out += '\\]'
        i++
      }
      continue
    }
    if (inClass && re2[i] === ']') inClass = false
    out += text
    i += taken
  }
  return `^(?:${out})\\z`
}

/** The next piece: how many characters it takes, and what stands for it. */
function step(re2: string, at: number, inClass: boolean): [number, string | undefined] {
  const character = re2[at]!
  if (character === '\\') {
    if (re2[at + 1] === 'Q') {
      const end = re2.indexOf('\\E', at + 2)
      const text = re2.slice(at + 2, end < 0 ? undefined : end)
      return [text.length + (end < 0 ? 2 : 4), literal(text)]
    }
    // Of several codes, those of bytes only; and here a vertical tab, not a class.
    if (re2[at + 1] === 'v') return [2, '\\x0b']
    const braced = /^\\x\{([\da-f]+)\}/i.exec(re2.slice(at))
    if (braced !== null) {
      const code = Number.parseInt(braced[1]!, 16)
      return [braced[0].length, code > 0xff ? undefined : hex(code)]
    }
    return [2, re2.charCodeAt(at + 1) > 0x7e ? undefined : re2.slice(at, at + 2)]
  }
  if (inClass && character === '[') {
    const named = /^\[:\^?\w+:\]/.exec(re2.slice(at))
    return named === null ? [1, '\\['] : [named[0].length, named[0]]
  }
  if (!inClass && character === '(') {
    const name = /^\(\?P?<\w+>/.exec(re2.slice(at))
    if (name !== null) return [name[0].length, '(?:']
    return re2[at + 1] === '?' ? [1, '('] : [1, '(?:']
  }
  const code = re2.charCodeAt(at)
  if (code > 0xff) return [1, undefined]
  return [1, code < 0x20 || code > 0x7e ? hex(code) : character]
}

/** A name of letters, digits and underscores; different names never become the same, whatever their case. */
export function encodeName(name: string): string {
  let encoded = ''
  for (const byte of Buffer.from(name, 'utf8')) {
    const character = String.fromCharCode(byte)
    encoded += /[a-z0-9.-]/.test(character) ? character : `_${byte.toString(16).padStart(2, '0')}`
  }
  return encoded
}

/** `x-beta` as NGINX names it; undefined: there is no such variable. */
export const headerVariable = (name: string): string | undefined =>
  /^[A-Za-z0-9-]+$/.test(name) ? `$http_${name.toLowerCase().replaceAll('-', '_')}` : undefined
