import Module from 'node:module'
import { guarded } from '../guard.ts'

type Loader = (request: string, parent: unknown, isMain: boolean) => unknown

/**
 * Calls back with the exports of a CommonJS package when the application loads it. `Module._load` serves `require`
 * and, in every supported version of Node, also `import` of a CommonJS package, which all instrumented ones are;
 * so no loader thread is needed, whose cost every import would bear.
 */
export function onModuleLoaded(listeners: Readonly<Record<string, (exported: unknown) => boolean>>): void {
  const target = Module as unknown as { _load: Loader }
  const load = target._load
  const entry = new RegExp(
    `[\\\\/]node_modules[\\\\/](${Object.keys(listeners).join('|')})(?:[\\\\/](?:index|lib[\\\\/]index)\\.js)?$`,
  )
  const done = new WeakSet<object>()
  const nameOf = (request: string): string | undefined => {
    if (Object.hasOwn(listeners, request)) return request
    // `import` passes the resolved file instead of the package's name.
    return request.includes('node_modules') ? entry.exec(request)?.[1] : undefined
  }
  target._load = function (this: unknown, request, parent, isMain) {
    const exported = load.call(this, request, parent, isMain)
    guarded('modules', () => {
      const name = typeof request === 'string' ? nameOf(request) : undefined
      if (name === undefined || exported === null) return
      if (typeof exported !== 'object' && typeof exported !== 'function') return
      // In a circle of requires the exports may be unfinished: the listener says whether it found its part.
      if (!done.has(exported) && listeners[name]?.(exported)) done.add(exported)
    })
    return exported
  }
}
