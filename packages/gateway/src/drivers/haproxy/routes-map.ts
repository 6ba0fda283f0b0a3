import { barePrefix } from '../../routing/router.ts'
import type { GatewayTable, RouteEntry } from '../driver.ts'
import { conditionNumbers, isConditional, weightOf } from './conditions.ts'
import { limitNumbers } from './limits.ts'
import { poolSection } from './quote.ts'

/** How many segments a prefix to be stripped may have. HAProxy's rules count them one by one. */
export const MAX_STRIPPED_SEGMENTS = 16

const segments = (prefix: string): number => prefix.split('/').length - 1

/**
 * What a route says beside its pool: `l` for loopback only, `x` and a split, `r` and the number of a rate limit, `s` and the number of
 * segments to strip.
 */
function target({ prefix, pool, stripPrefix, access, split }: RouteEntry, limit: number | undefined): string {
  const bare = barePrefix(prefix)
  return [
    poolSection(pool),
    ...(access === 'loopback' ? ['l'] : []),
    ...(split === undefined ? [] : [`x${split.name}`]),
    ...(limit === undefined ? [] : [`r${limit}`]),
    ...(stripPrefix === true && bare !== '' ? [`s${segments(bare)}`] : []),
  ].join(';')
}

/** What comes before the path in a key: a host, `*` and what follows it, or nothing. */
const headOf = ({ host = '' }: RouteEntry): string => host.toLowerCase()

/**
 * The routes as HAProxy's map: it is asked with the host or nothing, the path, and a slash at its end, and finds the longest key
 * that this begins with in a prefix tree. Every key ends in a slash, so that it is whole segments that match.
 */
export function routesMap(table: GatewayTable): Map<string, string> {
  const numberOf = conditionNumbers(table)
  const limitOf = limitNumbers(table)
  const places = new Map<string, RouteEntry[]>()
  for (const route of table.routes) {
    const key = `${headOf(route)}${barePrefix(route.prefix)}/`
    const others = places.get(key)
    if (others === undefined) places.set(key, [route])
    else others.push(route)
  }
  return new Map(
    [...places].map(([key, routes]) => {
      const [first] = routes as [RouteEntry]
      if (routes.length === 1 && !isConditional(first)) return [key, target(first, limitOf(first))]
      const asked = [...routes]
        .sort((a, b) => weightOf(b) - weightOf(a))
        .map((route) => `|${numberOf(route)}>${target(route, limitOf(route))}`)
      return [key, `?${barePrefix(first.prefix).length}${asked.join('')}`]
    }),
  )
}

const strips = ({ stripPrefix, prefix }: RouteEntry): boolean =>
  stripPrefix === true && barePrefix(prefix) !== ''

/** Which rules the routes need at all: each costs every request a look. */
export interface RouteKinds {
  loopback: boolean
  depths: number[]
  hosts: boolean
  /** How many labels follow the asterisks, most first. */
  wildcards: number[]
  conditions: boolean
  countries: boolean
  splits: boolean
  /** Whether visitors have a place in a split. */
  places: boolean
}

const descending = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => b - a)

export function routeKinds({ routes }: GatewayTable): RouteKinds {
  const labels = routes.flatMap(({ host }) =>
    host?.startsWith('*') === true ? [host.split('.').length - 1] : [],
  )
  return {
    loopback: routes.some(({ access }) => access === 'loopback'),
    depths: descending(routes.filter(strips).map(({ prefix }) => segments(barePrefix(prefix)))).reverse(),
    hosts: routes.some(({ host }) => host !== undefined),
    wildcards: descending(labels),
    conditions: routes.some(isConditional),
    countries: routes.some(({ countries }) => countries !== undefined),
    splits: routes.some(({ split }) => split !== undefined),
    places: routes.some(
      ({ split }) => split !== undefined && (split.kind === 'ab' || split.cookie !== undefined),
    ),
  }
}

export const mapText = (map: ReadonlyMap<string, string>): string =>
  [...map].map(([key, value]) => `${key} ${value}\n`).join('')
