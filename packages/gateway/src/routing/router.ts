import type { IncomingHttpHeaders } from 'node:http'
import type { RouteEntry } from '../drivers/driver.ts'
import { compileSplit, type CompiledSplit } from '../splitting/split.ts'
import { conditionsOf, type Conditions } from './conditions.ts'
import { hostName } from './host-pattern.ts'
import { PrefixTable } from './prefix-table.ts'

const SLASH = 47

/** What of a request decides about its route. */
export interface RouteRequest {
  readonly method?: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

export interface Route<Target> {
  /** Without the slash at the end; empty for `/`. */
  prefix: string
  target: Target
  stripPrefix: boolean
  loopbackOnly: boolean
  entry: RouteEntry
  conditions: Conditions | undefined
  /** Undefined: everything goes to `target`. */
  split: CompiledSplit<Target> | undefined
  mirrorTo: Target | undefined
  /** Part of the cache's key: the address alone does not say that this route answers. */
  variant: string | undefined
}

/** Told of each route that was looked at: undefined when it won, otherwise why it lost. */
export type RouteTrace<Target> = (route: Route<Target>, lost: string | undefined) => void

/** Routes of one host and prefix, in the order in which they are asked. Nearly always one. */
type Candidates<Target> = Route<Target>[]
type Table<Target> = PrefixTable<Candidates<Target>>

/** A slash at the end of a prefix makes no difference. */
export const barePrefix = (prefix: string): string => prefix.replace(/\/+$/, '')

const unknownCountry = (): undefined => undefined

/**
 * The most specific host that has a matching route, then the longest prefix, then the route with more conditions, then the
 * earlier one. The cost is a look-up per label of the host and per segment of the path, however many routes there are;
 * only those of the same host and prefix are asked one after another (`MAX_CANDIDATES` in check-table.ts).
 */
export class Router<Target> {
  readonly #any: Table<Target> = new PrefixTable()
  /** By exact name, and by what follows the asterisk: `.example.org`. Undefined: no route names a host. */
  readonly #hosts: Map<string, Table<Target>> | undefined
  readonly #wildcards: Map<string, Table<Target>> | undefined
  readonly #country: (request: RouteRequest) => string | undefined

  constructor(
    entries: readonly RouteEntry[],
    target: (pool: string) => Target,
    country: (request: RouteRequest) => string | undefined = unknownCountry,
  ) {
    this.#country = country
    const tables = new Set([this.#any])
    for (const entry of entries) {
      const { host } = entry
      let table: Table<Target> | undefined = this.#any
      if (host !== undefined) {
        const key = host.toLowerCase().replace(/^\*/, '')
        const hosts = host.startsWith('*') ? (this.#wildcards ??= new Map()) : (this.#hosts ??= new Map())
        table = hosts.get(key)
        if (table === undefined) hosts.set(key, (table = new PrefixTable()))
        tables.add(table)
      }
      const route = compileRoute(entry, target)
      const others = table.get(route.prefix)
      if (others === undefined) table.set(route.prefix, [route])
      else others.push(route)
    }
    for (const table of tables) {
      for (const candidates of table.values()) {
        if (candidates.length > 1) candidates.sort((a, b) => weightOf(b) - weightOf(a))
      }
    }
  }

  /**
   * `path` starts with `/` and may carry a query. `host` as the visitor named it. Without a request, only routes match that
   * have no conditions.
   */
  match(
    path: string,
    host?: string,
    request?: RouteRequest,
    trace?: RouteTrace<Target>,
  ): Route<Target> | undefined {
    if (host !== undefined && (this.#hosts !== undefined || this.#wildcards !== undefined)) {
      const found = this.#byHost(path, host, request, trace)
      if (found !== undefined) return found
    }
    return this.#inTable(this.#any, path, request, trace)
  }

  #byHost(
    path: string,
    host: string,
    request: RouteRequest | undefined,
    trace: RouteTrace<Target> | undefined,
  ): Route<Target> | undefined {
    const name = hostName(host)
    if (name === undefined) return undefined
    const exact = this.#hosts?.get(name)
    const found = exact === undefined ? undefined : this.#inTable(exact, path, request, trace)
    if (found !== undefined || this.#wildcards === undefined) return found
    for (let dot = name.indexOf('.', 1); dot > 0; dot = name.indexOf('.', dot + 1)) {
      const table = this.#wildcards.get(name.slice(dot))
      const route = table === undefined ? undefined : this.#inTable(table, path, request, trace)
      if (route !== undefined) return route
    }
    return undefined
  }

  #inTable(
    table: Table<Target>,
    path: string,
    request: RouteRequest | undefined,
    trace: RouteTrace<Target> | undefined,
  ): Route<Target> | undefined {
    let length = table.longest(path, path.length)
    while (length >= 0) {
      for (const route of table.found!) {
        const { conditions } = route
        if (conditions === undefined) {
          trace?.(route, undefined)
          return route
        }
        const lost = request === undefined ? 'no request' : conditions.unmet(request, this.#country)
        trace?.(route, lost)
        if (lost === undefined) return route
      }
      length = length === 0 ? -1 : table.longest(path, length - 1)
    }
    return undefined
  }
}

const weightOf = ({ conditions }: Route<unknown>): number => conditions?.weight ?? 0

function compileRoute<Target>(entry: RouteEntry, target: (pool: string) => Target): Route<Target> {
  const conditions = conditionsOf(entry)
  return {
    prefix: barePrefix(entry.prefix),
    target: target(entry.pool),
    stripPrefix: entry.stripPrefix ?? false,
    loopbackOnly: entry.access === 'loopback',
    entry,
    conditions,
    split: entry.split === undefined ? undefined : compileSplit(entry, entry.split, target),
    mirrorTo: entry.mirror === undefined ? undefined : target(entry.mirror.pool),
    variant:
      conditions === undefined
        ? undefined
        : entry.stripPrefix === true
          ? `${entry.pool} ${entry.prefix}`
          : entry.pool,
  }
}

/** `/shop/1?a` without `/shop` is `/1?a`; without `/shop/1` it is `/?a`. */
export function stripPrefix(path: string, prefix: string): string {
  const rest = path.slice(prefix.length)
  return rest.charCodeAt(0) === SLASH ? rest : `/${rest}`
}
