import { literalNamespace, matchGlob } from '../glob.ts'
import type { Namespace } from '../namespace.ts'
import type { MemoryStore } from './store.ts'

/** Drops what matches a glob over `<namespace>:<identifier>`, and what is being produced for it. Returns how many entries. */
export function dropPattern(namespaces: Iterable<Namespace>, store: MemoryStore, pattern: string): number {
  const only = literalNamespace(pattern)
  let dropped = 0
  for (const space of namespaces) {
    if (only !== undefined && only !== space.name) continue
    const matches = (id: string): boolean => matchGlob(pattern, `${space.name}:${id}`)
    space.supersedeAll(matches)
    for (const [id, entry] of space.entries) {
      if (!matches(id)) continue
      store.remove(entry)
      dropped++
    }
  }
  return dropped
}

/** Drops everything, or one namespace, and what is being produced. */
export function dropAll(namespaces: Iterable<Namespace>, store: MemoryStore, only?: string): void {
  for (const space of namespaces) {
    if (only !== undefined && only !== space.name) continue
    space.supersedeAll(() => true)
    for (const entry of space.entries.values()) store.remove(entry)
  }
}
