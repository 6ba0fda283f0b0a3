import type { SharedRecord, Stamps, Version } from '../drivers/driver.ts'
import { matchGlob } from '../glob.ts'

const MAX_PATTERNS = 1_000

export const ALL = '*'
export const namespaceStamp = (namespace: string): string => `n:${namespace}`
export const tagStamp = (tag: string): string => `t:${tag}`

/** Of which stamps an entry depends. */
export const stampNames = (namespace: string, tags: readonly string[]): string[] => [
  ALL,
  namespaceStamp(namespace),
  ...tags.map(tagStamp),
]

/** Whether none of the stamps was set after the record's version. */
export function isValid({ version }: SharedRecord, { floor, stamps }: Stamps): boolean {
  if (version < floor) return false
  for (const stamp of stamps) if (stamp > version) return false
  return true
}

/**
 * Patterns that were invalidated lately: until the records that match are removed, they are recognised by this. Bounded; a
 * pattern that is forgotten makes every record older than it stale.
 */
export class InvalidatedPatterns {
  // In order of version.
  #patterns: { pattern: string; version: Version }[] = []
  #floor: Version = 0

  add(pattern: string, version: Version): void {
    let place = this.#patterns.length
    while (place > 0 && this.#patterns[place - 1]!.version > version) place--
    // Told again, after a gap.
    if (this.#patterns[place - 1]?.version === version) return
    this.#patterns.splice(place, 0, { pattern, version })
    if (this.#patterns.length > MAX_PATTERNS) this.#floor = this.#patterns.shift()!.version
  }

  isStale(key: string, version: Version): boolean {
    if (version < this.#floor) return true
    for (let i = this.#patterns.length - 1; i >= 0; i--) {
      const { pattern, version: since } = this.#patterns[i]!
      if (since <= version) return false
      if (matchGlob(pattern, key)) return true
    }
    return false
  }
}
