/** Set on a ServerResponse by the framework hooks; a string once the route is known. */
export const ROUTE = Symbol('millrace.route')

/** Requests that no route took. One label for all of them, or a scanner would fill the storage with its guesses. */
export const UNMATCHED = 'unmatched'

/** What stands for raw paths beyond the bound. */
export const OTHER = 'other'
export const MAX_RAW_ROUTES = 200

const NUMBER = /^\d+$/
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i
const HEX = /^[0-9a-f]{16,}$/i
// Long and with a digit: nanoid, ULID, KSUID, base64url.
const TOKEN = /^(?=.*\d)[\w-]{16,}$/
const FILE = /\.([a-z0-9]{1,8})$/i
const MAX_SEGMENTS = 8
const MAX_LENGTH = 120

const isIdentifier = (segment: string): boolean =>
  NUMBER.test(segment) ||
  UUID.test(segment) ||
  HEX.test(segment) ||
  TOKEN.test(segment) ||
  segment.includes('%')

/** `/orders/42/items?x=1` → `/orders/:id/items`; a file keeps only its extension: `/assets/*.js`. */
export function normalizePath(url: string): string {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  if (path === '/' || path === '' || !path.startsWith('/')) return path.startsWith('/') ? path : '/'
  const segments = path.slice(1).split('/')
  const last = segments.length - 1
  const kept = segments.slice(0, MAX_SEGMENTS).map((segment, i) => {
    const extension = i === last ? FILE.exec(segment)?.[1] : undefined
    if (extension !== undefined) return `*.${extension.toLowerCase()}`
    return isIdentifier(segment) ? ':id' : segment
  })
  if (segments.length > MAX_SEGMENTS) kept.push('*')
  return `/${kept.join('/')}`.slice(0, MAX_LENGTH)
}

/** Bounds how many different raw paths become labels. */
export class RawRoutes {
  readonly #known = new Set<string>()

  routeOf(url: string): string {
    const route = normalizePath(url)
    if (this.#known.has(route)) return route
    if (this.#known.size >= MAX_RAW_ROUTES) return OTHER
    this.#known.add(route)
    return route
  }
}
