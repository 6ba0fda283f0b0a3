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

/** A slash at the end of a prefix makes no difference. */
export const barePrefix = (prefix: string): string => prefix.replace(/\/+$/, '')

/**
 * Longest prefix on whole segments. The path is compared as it was sent, neither decoded nor normalised: what the
 * gateway matches is exactly what the backend receives, so the two cannot disagree about it.
 */
export class Router<Target> {
  readonly #routes = new Map<string, Route<Target>>()
  /** Of the prefixes, each once, longest first: a look-up per length, however many routes have it. */
  readonly #lengths: number[]

  constructor(entries: readonly RouteEntry[], target: (pool: string) => Target) {
    for (const entry of entries) {
      const prefix = barePrefix(entry.prefix)
      this.#routes.set(prefix, {
        prefix,
        target: target(entry.pool),
        stripPrefix: entry.stripPrefix ?? false,
        loopbackOnly: entry.access === 'loopback',
      })
    }
    const lengths = [...this.#routes.keys()].map((prefix) => prefix.length)
    this.#lengths = [...new Set(lengths)].sort((a, b) => b - a)
  }

  /** `path` starts with `/` and may carry a query. */
  match(path: string): Route<Target> | undefined {
    for (const length of this.#lengths) {
      if (length > path.length) continue
      const next = path.charCodeAt(length)
      if (length !== path.length && next !== SLASH && next !== QUESTION_MARK && length !== 0) continue
      const route = this.#routes.get(path.slice(0, length))
      if (route !== undefined) return route
    }
    return undefined
  }
}

/** `/shop/1?a` without `/shop` is `/1?a`; without `/shop/1` it is `/?a`. */
export function stripPrefix(path: string, prefix: string): string {
  const rest = path.slice(prefix.length)
  return rest.charCodeAt(0) === SLASH ? rest : `/${rest}`
}
