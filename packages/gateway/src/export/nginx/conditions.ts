import type { HeaderMatch, RouteEntry } from '../../drivers/driver.ts'
import { nameOf } from '../../routing/check-routes.ts'
import type { EngineConfig } from '../../config.ts'
import type { Omissions } from '../model.ts'
import { headerVariable, literal, pattern, wholeValue } from './quote.ts'

const NEVER = '(?!)'

/** Conditions of routes as variables that are 0 or 1, each made once. */
export class ConditionMaps {
  readonly #omissions: Omissions
  readonly #config: EngineConfig
  readonly #numbers = new Map<string, number>()
  readonly maps: string[] = []

  constructor(config: EngineConfig, omissions: Omissions) {
    this.#config = config
    this.#omissions = omissions
  }

  /** What stands before the path in the key of a host's map of routes: the method and every condition. */
  get key(): string {
    const bits = [...this.#numbers.values()].map((number) => `\${millrace_c${number}}`).join('')
    return `$request_method ${bits}`
  }

  /** The numbers of the variables that must be 1; undefined: the route cannot be decided here and never matches. */
  of(entry: RouteEntry): number[] | undefined {
    const where = nameOf(entry)
    const numbers: number[] = []
    let possible = true
    const add = (number: number | undefined): void => {
      if (number === undefined) possible = false
      else numbers.push(number)
    }
    for (const header of entry.headers ?? []) add(this.#header(where, header))
    if (entry.countries !== undefined) add(this.#countries(where, entry.countries))
    return possible ? numbers : undefined
  }

  /** What must stand before the path for the route to match. */
  expression(entry: RouteEntry): string {
    const numbers = this.of(entry)
    if (numbers === undefined) return NEVER
    const method =
      entry.methods === undefined ? '[^ ]*' : `(?:${entry.methods.map((name) => literal(name)).join('|')})`
    const bits = Array.from({ length: this.#numbers.size }, (_, at) => (numbers.includes(at) ? '1' : '.'))
    return `${method} ${bits.join('')} `
  }

  #header(where: string, { name, value, pattern: re2 }: HeaderMatch): number | undefined {
    const variable = headerVariable(name)
    const lost = (why: string): undefined => {
      this.#omissions.add(where, `header ${name}`, `${why}; the route never matches`)
      return undefined
    }
    if (variable === undefined) return lost('NGINX has no variable for a field of this name')
    if (value === '') return lost('NGINX does not tell an empty field from one that is not there')
    if (value === undefined && re2 === undefined) {
      this.#omissions.add(where, `header ${name}`, 'an empty field counts as not there')
      return this.#variable(variable, ['~.', '1'])
    }
    const text = value === undefined ? undefined : literal(value)
    const expression = re2 === undefined ? (text === undefined ? undefined : `^${text}\\z`) : wholeValue(re2)
    if (expression === undefined) return lost('it has characters that NGINX cannot be told')
    if (re2 !== undefined)
      this.#omissions.add(
        where,
        `header ${name}`,
        'its pattern is matched by PCRE, which backtracks where RE2 does not',
      )
    this.#omissions.add(where, `header ${name}`, 'of a field sent several times only the first is looked at')
    return this.#variable(variable, [pattern(expression), '1'])
  }

  #countries(where: string, countries: readonly string[]): number | undefined {
    const { countryHeader } = this.#config.geography
    const variable = countryHeader === undefined ? undefined : headerVariable(countryHeader)
    if (variable === undefined || this.#config.trustedProxies.length === 0) {
      this.#omissions.add(
        where,
        'countries',
        'Debian’s NGINX reads no MaxMind DB file, and no trusted proxy says the country in a header; the route never matches',
      )
      return undefined
    }
    if (this.#config.geography.database !== undefined)
      this.#omissions.add(where, 'countries', 'only the header of trusted proxies is asked, not the database')
    const codes = [...countries].filter((code) => code !== 'XX').join('|')
    return this.#variable(`$millrace_trusted:${variable}`, [pattern(`^1:(?i:${codes || NEVER})\\z`), '1'])
  }

  #variable(source: string, [key, value]: [string, string]): number {
    const text = `map ${source.includes(':') ? `"${source}"` : source} @ {\n    default 0;\n    ${key} ${value};\n}`
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.#numbers.size
    this.#numbers.set(text, number)
    this.maps.push(text.replace('@', `$millrace_c${number}`))
    return number
  }
}
