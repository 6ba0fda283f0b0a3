import type { GatewayTable, RouteEntry } from '../../drivers/driver.ts'
import type { EngineConfig } from '../../config.ts'
import { nameOf } from '../../routing/check-routes.ts'
import { barePrefix } from '../../routing/router.ts'
import type { Omissions } from '../model.ts'
import { headerVariable, literal, pattern } from './quote.ts'
import type { Upstream } from './upstreams.ts'

/** Where a route's requests are rewritten to: no visitor's path has two slashes in a row after NGINX has merged them. */
export const placeOf = (kind: 'route' | 'stream' | 'mirror', number: number | string): string =>
  `//millrace/${kind}/${number}`

/** The map and location blocks of the routes, with what both share. */
export class Locations {
  readonly http: string[] = []
  readonly server: string[] = []
  readonly #upstreams: ReadonlyMap<string, Upstream>
  readonly #config: EngineConfig
  readonly #omissions: Omissions

  constructor(
    { routes }: GatewayTable,
    config: EngineConfig,
    upstreams: ReadonlyMap<string, Upstream>,
    omissions: Omissions,
  ) {
    this.#config = config
    this.#upstreams = upstreams
    this.#omissions = omissions
    const targets = routes.map((entry, number) => this.#target(entry, number))
    const prefixes: string[] = []
    for (const [number, entry] of routes.entries()) {
      const limit = this.#rateLimit(entry, number)
      const path = this.#path(entry, number, prefixes)
      const mirror = this.#mirror(entry, number, path)
      this.#location(entry, number, [...limit, ...targets[number]!.checks, ...mirror], targets[number]!, path)
    }
    this.http.push(mapOf('$uri', '$millrace_own_prefix', '""', prefixes))
    const splits = routes.flatMap(({ split }, number) =>
      split === undefined
        ? []
        : ['route', 'stream'].map(
            (kind) => `${placeOf(kind as 'route', number)} $millrace_split_name_${number};`,
          ),
    )
    const mirrors = routes.flatMap(({ mirror }, number) =>
      mirror === undefined ? [] : [`${placeOf('mirror', number)} 1;`],
    )
    this.http.push(mapOf('$uri', '$millrace_mirror', '""', mirrors))
    this.http.push(mapOf('$uri', '$millrace_split', '""', splits))
  }

  /** Where requests go: a URL's beginning, or a variable with it. */
  #target(entry: RouteEntry, number: number): { url: string; checks: string[]; secure: boolean } {
    const { split } = entry
    const urlOf = (pool: string): string => {
      const upstream = this.#upstreams.get(pool)
      return upstream === undefined ? '""' : `${upstream.scheme}://${upstream.name}`
    }
    if (split === undefined) {
      const upstream = this.#upstreams.get(entry.pool)
      if (upstream === undefined)
        this.#omissions.add(`pool '${entry.pool}'`, 'backends', 'it has none: its routes answer 503')
      return {
        url: urlOf(entry.pool),
        checks: upstream === undefined ? ['return 503;'] : [],
        secure: upstream?.scheme === 'https',
      }
    }
    const where = nameOf(entry)
    if (split.kind === 'ab')
      this.#omissions.add(where, 'split cookie', 'parts are by the visitor’s address; no cookie keeps them')
    this.#omissions.add(where, `split ${split.name}`, 'shares are those of now: nothing moves or judges them')
    const key = split.kind === 'ab' ? `ab${number}$millrace_client` : `split${number}$request_id`
    const parts = split.parts.filter(({ share }) => share > 0)
    const lines = parts.map(({ share, pool }, at) => {
      const range = at === parts.length - 1 ? '*' : `${Number(share.toFixed(2))}%`
      return `    ${range} ${this.#partNumber(split.parts, pool)};`
    })
    this.http.push(`split_clients "${key}" $millrace_part_${number} {\n${lines.join('\n')}\n}`)
    const byPart = (value: (pool: string) => string): string[] =>
      split.parts.map(({ pool }, at) => `${at} ${value(pool)};`)
    this.http.push(
      mapOf(`$millrace_part_${number}`, `$millrace_pool_${number}`, '""', byPart(urlOf)),
      mapOf(
        `$millrace_part_${number}`,
        `$millrace_split_name_${number}`,
        '""',
        byPart((pool) => `"${headerText(`${split.name}=${pool}`)}"`),
      ),
    )
    return {
      url: `$millrace_pool_${number}`,
      checks: [`if ($millrace_pool_${number} = "") {\n            return 503;\n        }`],
      secure: parts.some(({ pool }) => this.#upstreams.get(pool)?.scheme === 'https'),
    }
  }

  #partNumber(parts: readonly { pool: string }[], wanted: string): number {
    return parts.findIndex(({ pool }) => pool === wanted)
  }

  #rateLimit(entry: RouteEntry, number: number): string[] {
    const { rateLimit } = entry
    if (rateLimit === undefined) return []
    const { perSecond, burst, by = 'client' } = rateLimit
    const where = nameOf(entry)
    let key = '$millrace_client'
    if (by !== 'client') {
      const variable = headerVariable(by.slice('header:'.length))
      if (variable === undefined)
        this.#omissions.add(where, `rateLimit.by ${by}`, 'NGINX has no variable for it; clients are counted')
      else {
        key = `$millrace_by_${number}`
        this.http.push(mapOf(variable, key, variable, ['"" $millrace_client;']))
      }
    }
    const perMinute = Math.min(1e9, Math.max(1, Math.round(perSecond * 60)))
    const rate = Number.isInteger(perSecond) && perSecond < 1e7 ? `${perSecond}r/s` : `${perMinute}r/m`
    const more = Math.min(1e6, Math.floor(burst) - 1)
    this.http.push(`limit_req_zone ${key} zone=millrace_rate_${number}:10m rate=${rate};`)
    return [`limit_req zone=millrace_rate_${number}${more > 0 ? ` burst=${more} nodelay` : ''};`]
  }

  #mirror(entry: RouteEntry, number: number, path: string): string[] {
    const { mirror } = entry
    // NGINX shares out in steps of 0.01 %.
    if (mirror === undefined || mirror.share < 0.005) return []
    const where = nameOf(entry)
    const upstream = this.#upstreams.get(mirror.pool)
    if (upstream === undefined) {
      this.#omissions.add(where, 'mirror', `pool '${mirror.pool}' has no backend`)
      return []
    }
    this.#omissions.add(
      where,
      'mirror.maxBodyBytes',
      'NGINX copies bodies of any size, and reads them before',
    )
    const methods = mirror.methods ?? ['GET', 'HEAD', 'OPTIONS', 'QUERY']
    const share = Math.max(0.01, Number(mirror.share.toFixed(2)))
    this.http.push(
      share === 100
        ? `map $request_id $millrace_drawn_${number} {\n    default 1;\n}`
        : `split_clients "mirror${number}$request_id" $millrace_drawn_${number} {\n    ${share}% 1;\n    * 0;\n}`,
      mapOf(`"$millrace_drawn_${number}:$request_method"`, `$millrace_mirrored_${number}`, '0', [
        `${pattern(`^1:(?:${methods.map((name) => literal(name)).join('|')})\\z`)} 1;`,
      ]),
    )
    this.server.push(
      [
        `    location = ${placeOf('mirror', number)} {`,
        '        internal;',
        `        if ($millrace_mirrored_${number} = 0) {`,
        '            return 204;',
        '        }',
        `        proxy_pass ${upstream.scheme}://${upstream.name}${path};`,
        ...(upstream.scheme === 'https' ? ['        proxy_ssl_name $millrace_server_name;'] : []),
        '    }',
      ].join('\n'),
    )
    return [`mirror ${placeOf('mirror', number)};`, 'proxy_request_buffering on;']
  }

  /** What the backend is asked for: as it was sent, or without the prefix. */
  #path(entry: RouteEntry, number: number, prefixes: string[]): string {
    const prefix = barePrefix(entry.prefix)
    const matched = literal(prefix)
    if (entry.stripPrefix !== true || prefix === '' || matched === undefined) return '$request_uri'
    const shown = headerText(prefix)
    for (const kind of ['route', 'stream', 'mirror'] as const)
      prefixes.push(`${placeOf(kind, number)} "${shown}";`)
    const variable = `$millrace_path_${number}`
    this.http.push(
      mapOf('$request_uri', variable, '$request_uri', [
        `${pattern(`^${matched}(?<millrace_rest_${number}>/.*)\\z`)} $millrace_rest_${number};`,
        `${pattern(`^${matched}(?<millrace_query_${number}>.*)\\z`)} /$millrace_query_${number};`,
      ]),
    )
    return variable
  }

  #location(
    entry: RouteEntry,
    number: number,
    lines: readonly string[],
    { url, secure }: { url: string; secure: boolean },
    path: string,
  ): void {
    const { timeouts } = this.#config
    const local = entry.access === 'loopback'
    const body = [
      'internal;',
      ...(local ? ['if ($millrace_local = 0) {\n            return 404;\n        }'] : []),
      ...lines,
      ...(secure ? ['proxy_ssl_name $millrace_server_name;'] : []),
      ...(url === '""' ? [] : [`proxy_pass ${url}${path};`]),
    ]
    const add = (kind: 'route' | 'stream', extra: readonly string[]): void =>
      void this.server.push(
        [
          `    location = ${placeOf(kind, number)} {`,
          ...[...body, ...extra].map((line) => `        ${line}`),
          '    }',
        ].join('\n'),
      )
    add('route', [])
    const idle = Math.max(timeouts.idleMs, timeouts.tunnelIdleMs)
    add('stream', [`proxy_read_timeout ${idle}ms;`, `proxy_send_timeout ${idle}ms;`])
  }
}

/** Text as part of a quoted word with variables: printable ASCII, everything else in percent notation. */
export function headerText(text: string): string {
  let written = ''
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte)
    if (character === '$') written += '${millrace_dollar}'
    else if (/[\w/.,:;=@!*+~()' -]/.test(character)) written += character
    else written += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return written
}

/** Kept for a request, these would be those of a copy that is made of it, or the other way round. */
const VOLATILE = /^\$(?:uri|proxy_host|millrace_own_prefix|millrace_x_forwarded_prefix)$/

export const mapOf = (
  source: string,
  variable: string,
  otherwise: string,
  lines: readonly string[],
): string =>
  `map ${source} ${variable} {\n${VOLATILE.test(source) ? '    volatile;\n' : ''}    default ${otherwise};\n${lines.map((line) => `    ${line}\n`).join('')}}`
