// Whoever runs our TypeScript directly wants the sources of the other packages too; whoever runs dist wants dist.
const CONDITIONS = new Set([
  ...(import.meta.url.endsWith('.ts') ? ['millrace:source'] : []),
  'node',
  'import',
  'module-sync',
  'default',
])

/**
 * The file that a package's `exports` gives for a subpath, relative to the package; undefined when there is none.
 * Node's algorithm (https://nodejs.org/api/packages.html#conditional-exports) without patterns and fallback arrays.
 * Not `import.meta.resolve`, which has no stable way to resolve on behalf of another package.
 */
export function resolveExport(exports: unknown, subpath: string): string | undefined {
  if (typeof exports !== 'object' || exports === null) return undefined
  const entry = (exports as Record<string, unknown>)[subpath]
  const target = byCondition(entry)
  return target?.startsWith('./') === true && !target.split('/').includes('..') ? target : undefined
}

function byCondition(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry
  if (typeof entry !== 'object' || entry === null) return undefined
  for (const [condition, value] of Object.entries(entry)) {
    if (!CONDITIONS.has(condition)) continue
    const target = byCondition(value)
    if (target !== undefined) return target
  }
  return undefined
}
