import type { IncomingMessage } from 'node:http'

export interface HttpCacheOptions<Request = IncomingMessage> {
  /** Default: the namespace's. A response's own `s-maxage` or `max-age` shortens it. */
  ttlMs?: number
  /** For `invalidateTags`. */
  tags?: (request: Request) => readonly string[]
  /** Replaces method, host, path and query as the key; undefined: do not cache this request. */
  key?: (request: Request) => string | undefined
  /** Query parameters that do not change the response: `['utm_source']`. */
  ignoreQuery?: readonly string[]
  /**
   * Whose response it is. With it, requests that carry `Authorization` or cookies are cached too, per identity, and
   * `private` responses are stored; undefined for a request: not cached.
   */
  identity?: (request: Request) => string | undefined
  /** What a response with `Set-Cookie` is: not stored (default), or stored without the cookie. */
  setCookie?: 'bypass' | 'strip'
  /** `max-age` for browsers where the response sets no `Cache-Control`. Default 0: they ask, and get a 304. */
  browserMaxAgeS?: number
  /** A larger body is not stored. Default 1 MiB. */
  maxBodyBytes?: number
  /** How long a request waits for another one that is producing the same response. Default 10 s. */
  waitMs?: number
}

/** Where a framework's request keeps what the key is made of. */
export interface RequestView {
  method: string
  /** Path and query as the client sent them. */
  url: string
  headers: IncomingMessage['headers']
}

/** The key, or undefined when the request must not be cached. */
export function requestKey<Request>(
  view: RequestView,
  request: Request,
  options: HttpCacheOptions<Request>,
): string | undefined {
  const { method, headers } = view
  if (method !== 'GET' || headers.range !== undefined) return undefined
  if (hasDirective(headers['cache-control'], 'no-store')) return undefined
  let identity = ''
  if (options.identity !== undefined) {
    const own = options.identity(request)
    if (own === undefined) return undefined
    identity = `@${encodeURIComponent(own)} `
  } else if (headers.authorization !== undefined || headers.cookie !== undefined) return undefined
  if (options.key !== undefined) {
    const own = options.key(request)
    return own === undefined ? undefined : `${identity}${own}`
  }
  const host = (headers.host ?? '').toLowerCase()
  return `${identity}GET ${host}${normalisedPath(view.url, options.ignoreQuery ?? [])}`
}

/** Path and query with the parameters in a fixed order and the ignored ones gone. */
function normalisedPath(url: string, ignored: readonly string[]): string {
  const mark = url.indexOf('?')
  if (mark < 0) return url
  const parameters = [...new URLSearchParams(url.slice(mark + 1))].filter(([name]) => !ignored.includes(name))
  if (parameters.length === 0) return url.slice(0, mark)
  // By name only and stable: the order of a repeated parameter may mean something.
  parameters.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `${url.slice(0, mark)}?${new URLSearchParams(parameters).toString()}`
}

/** The values of a `Cache-Control` header by directive, lower-cased (RFC 9111, section 5.2). */
export function cacheDirectives(header: string | undefined): Map<string, string> {
  const directives = new Map<string, string>()
  for (const part of (header ?? '').split(',')) {
    const [name = '', value = ''] = part.split('=', 2)
    if (name.trim() !== '') directives.set(name.trim().toLowerCase(), value.trim().replaceAll('"', ''))
  }
  return directives
}

const hasDirective = (header: string | undefined, name: string): boolean =>
  header !== undefined && cacheDirectives(header).has(name)
