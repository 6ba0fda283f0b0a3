import { coreErrors } from '../errors/errors.ts'

export interface Dependent {
  name: string
  dependsOn?: readonly string[] | undefined
}

/**
 * Each after everything it depends on, otherwise in the given order (depth-first topological sort). A dependency that
 * is not in the list is skipped: it is not installed. Throws CORE_DEPENDENCY_CYCLE with the circle.
 */
export function orderByDependency<Item extends Dependent>(list: readonly Item[]): Item[] {
  const byName = new Map(list.map((item) => [item.name, item]))
  const ordered = new Set<Item>()
  const path: string[] = []
  const visit = (item: Item): void => {
    if (ordered.has(item)) return
    const start = path.indexOf(item.name)
    if (start >= 0) throw coreErrors.DEPENDENCY_CYCLE({ cycle: [...path.slice(start), item.name] })
    path.push(item.name)
    for (const name of item.dependsOn ?? []) {
      const dependency = byName.get(name)
      if (dependency !== undefined) visit(dependency)
    }
    path.pop()
    ordered.add(item)
  }
  for (const item of list) visit(item)
  return [...ordered]
}
