import type { IncomingHttpHeaders } from 'node:http'
import { RE2JS } from 're2js'
import type { HeaderMatch } from '../drivers/driver.ts'

/** A field longer than this matches no pattern: linear time is still time. */
const MAX_MATCHED = 4_096
/** In the program that RE2 makes of it: `(a{1,100}){1,100}` is too much. */
const MAX_PROGRAM = 2_000

/** A condition on one request header. */
export interface CompiledHeader {
  /** In lower case. */
  name: string
  /** For people: `x-beta: 1`. */
  text: string
  matches(value: string): boolean
}

/**
 * A pattern in RE2 syntax, which has neither back-references nor look-around, so that matching takes time in proportion to
 * the value (Cox, "Regular Expression Matching Can Be Simple And Fast", 2007). Throws an Error that says what is wrong.
 */
export function compilePattern(pattern: string): (value: string) => boolean {
  const compiled = RE2JS.compile(pattern)
  if (compiled.programSize() > MAX_PROGRAM) throw new Error('it is too large')
  return (value) => value.length <= MAX_MATCHED && compiled.testExact(value)
}

export function compileHeader({ name, value, pattern }: HeaderMatch): CompiledHeader {
  const lower = name.toLowerCase()
  if (pattern !== undefined)
    return { name: lower, text: `${lower} like ${pattern}`, matches: compilePattern(pattern) }
  if (value !== undefined)
    return { name: lower, text: `${lower}: ${value}`, matches: (sent) => sent === value }
  return { name: lower, text: lower, matches: () => true }
}

/** Undefined: the field is not there. `name` in lower case; what every object has, such as `constructor`, is no field. */
export function fieldValue(headers: IncomingHttpHeaders, name: string): string | undefined {
  if (!Object.hasOwn(headers, name)) return undefined
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
