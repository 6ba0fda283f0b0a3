import type { RouteEntry } from '../drivers/driver.ts'

const SLASH = 47
const QUESTION_MARK = 63

export interface Route<Target> {
  /** Without the slash at the end; empty for `/`. */
  prefix: string
  target: Target
  stripPrefix: boolean
  loopbackOnly: boolean
}

/**
 * Longest prefix on whole segments. The path is compared as it was sent, neither decoded nor normalised: what the
 * gateway matches is exactly what the backend receives, so the two cannot disagree about it.
 */
export class Router<Target> {
  readonly #routes: Route<Target>[]

  constructor(entries: readonly RouteEntry[], target: (pool: string) => Target) {
    this.#routes = entries.map((entry) => ({
      prefix: entry.prefix.replace(/\/+$/, ''),
      target: target(entry.pool),
      stripPrefix: entry.stripPrefix ?? false,
      loopbackOnly: entry.access === 'loopback',
    }))
    this.#routes.sort((a, b) => b.prefix.length - a.prefix.length)
  }

  /** `path` starts with `/` and may carry a query. */
  match(path: string): Route<Target> | undefined {
    for (const route of this.#routes) {
      const { prefix } = route
      const { length } = prefix
      if (length === 0) return route
      if (!path.startsWith(prefix)) continue
      if (path.length === length) return route
      const next = path.charCodeAt(length)
      if (next === SLASH || next === QUESTION_MARK) return route
    }
    return undefined
  }
}

/** `/shop/1?a` without `/shop` is `/1?a`; without `/shop/1` it is `/?a`. */
export function stripPrefix(path: string, prefix: string): string {
  const rest = path.slice(prefix.length)
  return rest.charCodeAt(0) === SLASH ? rest : `/${rest}`
}
