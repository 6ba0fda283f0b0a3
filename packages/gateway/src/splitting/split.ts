import { hashText } from '../balancing/hash.ts'
import type { RouteEntry, Split, SplitKind } from '../drivers/driver.ts'
import { splitCookie } from './cookie.ts'

/** Places on the line from 0 to 100 %: a hundredth of a percent each. */
export const PLACES = 10_000

export interface CompiledPart<Target> {
  pool: string
  target: Target
  share: number
  /** The first place that is not in it any more. */
  upTo: number
  /** For the backend and for logs: `checkout=shop-next`. */
  label: string
  /** In the cache's key; undefined for the pool that has the route when there is no split. */
  variant: string | undefined
}

export interface CompiledSplit<Target> {
  name: string
  kind: SplitKind
  cookie: string | undefined
  parts: readonly CompiledPart<Target>[]
  /** What the route would use without a split. */
  stable: CompiledPart<Target>
}

/**
 * Lays the parts out on a line, in which every visitor has a place that does not change: when shares do, only those move
 * whose place is between an old and a new border. The stable part of a canary comes last, so that a growing canary keeps
 * everybody whom it has.
 */
export function compileSplit<Target>(
  entry: RouteEntry,
  split: Split,
  target: (pool: string) => Target,
): CompiledSplit<Target> {
  const ordered = [...split.parts]
  if (split.kind === 'canary')
    ordered.sort((a, b) => Number(a.pool === entry.pool) - Number(b.pool === entry.pool))
  let upTo = 0
  const parts = ordered.map(({ pool, share }): CompiledPart<Target> => {
    upTo += Math.round((share * PLACES) / 100)
    const label = `${split.name}=${pool}`
    return {
      pool,
      target: target(pool),
      share,
      upTo,
      label,
      variant: pool === entry.pool ? undefined : label,
    }
  })
  return {
    name: split.name,
    kind: split.kind,
    cookie: splitCookie(split),
    parts,
    stable: parts.find(({ pool }) => pool === entry.pool)!,
  }
}

/** The part that has this place, 0 to 9,999. */
export function partAt<Target>(
  { parts, stable }: CompiledSplit<Target>,
  place: number,
): CompiledPart<Target> {
  for (const part of parts) if (place < part.upTo) return part
  return stable
}

/** A place for a visitor without a cookie, the same for the same address and browser. */
export const placeOf = (text: string): number => hashText(text) % PLACES

/** The place in a cookie; undefined when it is not one. Visitors may change it: which part they see is no secret. */
export function placeInCookie(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,4}$/.test(value) ? Number(value) : undefined
}
