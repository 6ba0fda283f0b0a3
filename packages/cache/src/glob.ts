/**
 * Matches a whole text against a glob: `*` any characters, `?` one, `\` takes the next literally. In
 * O(pattern × text) at worst and without backtracking into earlier stars, so no pattern can hang the process.
 */
export function matchGlob(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let resume = 0
  while (t < text.length) {
    const wanted = pattern[p]
    if (wanted === '*') {
      star = p++
      resume = t
    } else if (wanted === '\\' && p + 1 < pattern.length && pattern[p + 1] === text[t]) {
      p += 2
      t++
    } else if (wanted !== undefined && wanted !== '\\' && (wanted === '?' || wanted === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++resume
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

const SPECIAL = /[*?\\]/g

/** Makes a text match only itself. */
export const escapeGlob = (text: string): string => text.replace(SPECIAL, '\\$&')

/** The part of a key pattern before its first `:` when it names exactly one namespace. */
export function literalNamespace(pattern: string): string | undefined {
  const colon = pattern.indexOf(':')
  if (colon < 0) return undefined
  const namespace = pattern.slice(0, colon)
  return namespace.search(SPECIAL) < 0 ? namespace : undefined
}
