import type { RouteEntry } from '../drivers/driver.ts'
import { compileHeader, fieldValue, type CompiledHeader } from './header-match.ts'
import type { RouteRequest } from './router.ts'

/** What a route wants of a request beside its host and path. */
export class Conditions {
  readonly #methods: ReadonlySet<string> | undefined
  readonly #headers: readonly CompiledHeader[]
  readonly #countries: ReadonlySet<string> | undefined
  /** How many there are: the route with more of them is asked first. */
  readonly weight: number

  constructor({ methods, headers = [], countries }: RouteEntry) {
    this.#methods = methods === undefined ? undefined : new Set(methods)
    this.#headers = headers.map(compileHeader)
    this.#countries = countries === undefined ? undefined : new Set(countries)
    this.weight = this.#headers.length + (methods === undefined ? 0 : 1) + (countries === undefined ? 0 : 1)
  }

  /** Why the request does not meet them; undefined when it does. */
  unmet(request: RouteRequest, country: (request: RouteRequest) => string | undefined): string | undefined {
    const method = request.method ?? 'GET'
    if (this.#methods !== undefined && !this.#methods.has(method)) return `method ${method}`
    for (const header of this.#headers) {
      const value = fieldValue(request.headers, header.name)
      if (value === undefined || !header.matches(value)) return `header ${header.text}`
    }
    if (this.#countries !== undefined) {
      const found = country(request)
      if (found === undefined || !this.#countries.has(found)) return `country ${found ?? 'not known'}`
    }
    return undefined
  }
}

/** Undefined: it wants nothing else. */
export const conditionsOf = (entry: RouteEntry): Conditions | undefined =>
  entry.methods === undefined && (entry.headers ?? []).length === 0 && entry.countries === undefined
    ? undefined
    : new Conditions(entry)
