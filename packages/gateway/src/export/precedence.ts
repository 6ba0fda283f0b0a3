import type { GatewayTable, RouteEntry } from '../drivers/driver.ts'
import { conditionsOf } from '../routing/conditions.ts'
import { barePrefix } from '../routing/router.ts'

/** A route and where it stands in the table, which is what everything that belongs to it is named by. */
export interface NumberedRoute {
  number: number
  entry: RouteEntry
  /** Without the slash at the end; empty for `/`. */
  prefix: string
}

/** Routes that requests for a host may get, in the order in which they are asked: the first that matches wins. */
export interface HostRoutes {
  /** In lower case; undefined: every host that no other is for. */
  host: string | undefined
  routes: NumberedRoute[]
}

const weightOf = (entry: RouteEntry): number => conditionsOf(entry)?.weight ?? 0

/** Longest prefix first, then more conditions, then the earlier one: as `Router` decides. */
const inOrder = (a: NumberedRoute, b: NumberedRoute): number =>
  b.prefix.length - a.prefix.length || weightOf(b.entry) - weightOf(a.entry) || a.number - b.number

/** The hosts whose routes a request may get besides, the most specific first: `*.b.c` before `*.c`. */
function wildcardsAbove(host: string): string[] {
  const name = host.startsWith('*') ? host.slice(2) : host
  const found: string[] = []
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    if (dot > 0) found.push(`*${name.slice(dot)}`)
  return found
}

/**
 * The table as lists of routes by host, as systems want it that choose the host first and never come back: each host has
 * its own routes, then those of wildcards above it, then those of any host. Any host comes last.
 */
export function routesByHost({ routes }: GatewayTable): HostRoutes[] {
  const own = new Map<string | undefined, NumberedRoute[]>([[undefined, []]])
  for (const [number, entry] of routes.entries()) {
    const host = entry.host?.toLowerCase()
    const list = own.get(host) ?? []
    own.set(host, list)
    list.push({ number, entry, prefix: barePrefix(entry.prefix) })
  }
  for (const list of own.values()) list.sort(inOrder)
  const hosts = [...own.keys()].filter((host) => host !== undefined).sort()
  return [...hosts, undefined].map((host) => {
    const tiers = host === undefined ? [undefined] : [host, ...wildcardsAbove(host), undefined]
    return { host, routes: tiers.flatMap((tier) => own.get(tier) ?? []) }
  })
}
