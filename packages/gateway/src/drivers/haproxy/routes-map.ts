import { barePrefix } from '../../routing/router.ts'
import type { GatewayTable, RouteEntry } from '../driver.ts'
import { poolSection } from './quote.ts'

/** How many segments a prefix to be stripped may have. HAProxy's rules count them one by one. */
export const MAX_STRIPPED_SEGMENTS = 16

const segments = (prefix: string): number => prefix.split('/').length - 1

/** What a route says beside its pool: `l` for loopback only, the number of segments to strip. */
function target({ prefix, pool, stripPrefix, access }: RouteEntry): string {
  const bare = barePrefix(prefix)
  const strip = stripPrefix === true && bare !== '' ? `;s${segments(bare)}` : ''
  return `${poolSection(pool)}${access === 'loopback' ? ';l' : ''}${strip}`
}

/**
 * The routes as HAProxy's map: it is asked with the path and a slash at its end, and finds the longest key that this begins
 * with in a prefix tree. Every key ends in a slash, so that it is whole segments that match.
 */
export const routesMap = (table: GatewayTable): Map<string, string> =>
  new Map(table.routes.map((route) => [`${barePrefix(route.prefix)}/`, target(route)]))

/** The prefix itself, for the header that tells the backend. */
export const prefixesMap = (table: GatewayTable): Map<string, string> =>
  new Map(
    table.routes
      .filter(({ stripPrefix, prefix }) => stripPrefix === true && barePrefix(prefix) !== '')
      .map(({ prefix }) => [`${barePrefix(prefix)}/`, barePrefix(prefix)]),
  )

/** Which rules the routes need at all: each costs every request a look. */
export function routeKinds(table: GatewayTable): { loopback: boolean; depths: number[] } {
  const depths = [...prefixesMap(table).values()].map(segments)
  return {
    loopback: table.routes.some(({ access }) => access === 'loopback'),
    depths: [...new Set(depths)].sort((a, b) => a - b),
  }
}

export const mapText = (map: ReadonlyMap<string, string>): string =>
  [...map].map(([key, value]) => `${key} ${value}\n`).join('')
