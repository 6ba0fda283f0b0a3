import type { GatewayTable, HeaderMatch, Mirror, RouteEntry } from '../drivers/driver.ts'
import { isCookieName } from '../splitting/cookie.ts'
import { checkSplits } from '../splitting/check-splits.ts'
import { compilePattern } from './header-match.ts'
import { isHostPattern } from './host-pattern.ts'
import { barePrefix } from './router.ts'

/** Routes of one host and prefix are asked one after another: more would make a request's cost depend on them. */
const MAX_CANDIDATES = 100
const TOKEN = /^[\w!#$%&'*+.^`|~-]{1,64}$/
const COUNTRY = /^[A-Z]{2}$/

/** Names a route in a problem. */
export const nameOf = ({ host, prefix }: RouteEntry): string => `route '${host ?? ''}${prefix}'`

/** What is wrong with the routes of a table, every problem. */
export function checkRoutes({ routes, pools }: GatewayTable): string[] {
  const names = new Set(pools.map(({ name }) => name))
  const byPlace = new Map<string, { conditions: Set<string>; count: number }>()
  const problems: string[] = []
  for (const route of routes) {
    const name = nameOf(route)
    const say = (problem: string): void => void problems.push(`${name} ${problem}`)
    if (!route.prefix.startsWith('/') || /[\s?#]/.test(route.prefix))
      say('must start with / and have no space, ? or #')
    const pool = (wanted: string): void => {
      if (!names.has(wanted)) say(`names the pool '${wanted}', which is not there`)
    }
    pool(route.pool)
    for (const part of route.split?.parts ?? []) if (part.pool !== route.pool) pool(part.pool)
    checkConditions(route, say)
    if (route.mirror !== undefined) {
      pool(route.mirror.pool)
      checkMirror(route.mirror, say)
    }
    if (route.split?.cookie !== undefined && !isCookieName(route.split.cookie))
      say(`split.cookie: '${route.split.cookie}' is not 1–64 letters, digits, _ or -`)
    const key = `${route.host?.toLowerCase() ?? ''} ${barePrefix(route.prefix)}`
    const place = byPlace.get(key) ?? { conditions: new Set(), count: 0 }
    byPlace.set(key, place)
    const conditions = JSON.stringify([route.methods ?? null, route.headers ?? [], route.countries ?? null])
    if (place.conditions.has(conditions)) say('is there twice')
    place.conditions.add(conditions)
    if (++place.count === MAX_CANDIDATES + 1)
      say(`is there more than ${MAX_CANDIDATES} times, with whatever conditions`)
  }
  return [...problems, ...checkSplits(routes)]
}

function checkConditions(
  { host, methods, headers, countries }: RouteEntry,
  say: (problem: string) => void,
): void {
  if (host !== undefined && !isHostPattern(host))
    say(`host: '${host}' is not a name such as shop.example, *.shop.example, or an address, without a port`)
  if (methods !== undefined && (methods.length === 0 || !methods.every((method) => isMethod(method))))
    say('methods: names such as GET, at least one')
  if (countries !== undefined && (countries.length === 0 || !countries.every((code) => COUNTRY.test(code))))
    say('countries: two capital letters each (ISO 3166-1), at least one')
  for (const header of headers ?? []) checkHeader(header, say)
}

const isMethod = (method: string): boolean => TOKEN.test(method) && method === method.toUpperCase()

function checkHeader({ name, value, pattern }: HeaderMatch, say: (problem: string) => void): void {
  if (!TOKEN.test(name)) say(`headers: '${name}' is not the name of a header`)
  if (value !== undefined && pattern !== undefined) say(`headers: '${name}' has both a value and a pattern`)
  if (pattern === undefined) return
  try {
    compilePattern(pattern)
  } catch (error) {
    say(`headers: '${name}': the pattern '${pattern}' is not RE2 syntax: ${(error as Error).message}`)
  }
}

function checkMirror({ share, maxBodyBytes, methods }: Mirror, say: (problem: string) => void): void {
  if (!(share >= 0 && share <= 100)) say(`mirror.share: ${share} is not a percentage from 0 to 100`)
  if (
    maxBodyBytes !== undefined &&
    !(Number.isInteger(maxBodyBytes) && maxBodyBytes >= 0 && maxBodyBytes <= 16_777_216)
  )
    say(`mirror.maxBodyBytes: ${maxBodyBytes} is not a whole number from 0 to 16,777,216`)
  if (methods !== undefined && (methods.length === 0 || !methods.every((method) => isMethod(method))))
    say('mirror.methods: names such as GET, at least one')
}
