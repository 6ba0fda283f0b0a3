/** With which an application's answer to a change says what caches are to forget: surrogate keys, separated by spaces. */
export const PURGE_HEADER = 'surrogate-key-purge'

/** As many as a purge by hand may name. */
const MAX_KEYS = 1_000

/** The keys that the answer names; undefined: none. `raw`: names and values in turn. */
export function keysToPurge(status: number, raw: readonly string[]): string[] | undefined {
  // An application that refused the change did not make it.
  if (status >= 400) return undefined
  const keys = new Set<string>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]!.length !== PURGE_HEADER.length || raw[at]!.toLowerCase() !== PURGE_HEADER) continue
    for (const key of raw[at + 1]!.split(/[ ,]+/)) {
      if (key !== '' && keys.size < MAX_KEYS) keys.add(key)
    }
  }
  return keys.size === 0 ? undefined : [...keys]
}
