import type { z } from 'zod'
import { nearest } from './nearest.ts'
import { formatPath, metaOf, schemaAt, shapeOf } from './schema-tree.ts'

/** One thing wrong with the configuration. */
export interface ConfigProblem {
  /** `gateway.limits.bodyBytes` */
  path: string
  /** What was wrong and what is accepted. Never contains a secret's value. */
  message: string
  /** `file`, `env:NAME` or `flag`; `default` when a required value is missing. */
  origin: string
}

type Issue = z.core.$ZodIssue

/** Every issue of a failed parse in the reader's words, one problem per setting. */
export function toProblems(
  schema: z.ZodType,
  tree: unknown,
  issues: readonly Issue[],
  originOf: (path: readonly PropertyKey[]) => string,
): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const path = [...issue.path, key]
        problems.push({
          path: formatPath(path),
          message: unknownKey(schema, path),
          origin: originOf(path),
        })
      }
      continue
    }
    // The innermost issue of a union names the setting itself instead of "Invalid input" one level up.
    const [path, message] = explain(issue)
    problems.push({
      path: formatPath(path) || '(root)',
      message: describesValue(issue) ? `${message}${received(schema, tree, path)}` : message,
      origin: originOf(path),
    })
  }
  return problems
}

/** For a key that no schema knows: the nearest one that does. */
export function unknownKey(schema: z.ZodType, path: readonly PropertyKey[]): string {
  const key = String(path.at(-1))
  const parent = schemaAt(schema, path.slice(0, -1))
  const known = Object.keys((parent && shapeOf(parent)) ?? {})
  const close = nearest(key, known)
  const what =
    path.length === 1 ? 'is neither a platform setting nor an installed capability' : 'is not a known setting'
  if (close !== undefined) return `${what}; did you mean '${close}'?`
  return known.length === 0 ? what : `${what}; known here: ${known.toSorted().join(', ')}`
}

function explain(issue: Issue): [PropertyKey[], string] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue.path, plain(issue)]
  const nested = issue.errors.flat()
  const deepest = nested.toSorted((a, b) => b.path.length - a.path.length)[0]
  if (deepest !== undefined && deepest.path.length > 0) {
    const [path, message] = explain(deepest)
    return [[...issue.path, ...path], message]
  }
  return [issue.path, [...new Set(nested.map((inner) => explain(inner)[1]))].join(', or ')]
}

/** A rule over several settings, or over a name, is not about the value found there. */
const describesValue = (issue: Issue): boolean => issue.code !== 'custom' && issue.code !== 'invalid_key'

function plain(issue: Issue): string {
  if (issue.code === 'invalid_key') {
    return `the name is not accepted: ${issue.issues.map((inner) => plain(inner)).join(', ')}`
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => JSON.stringify(value) ?? String(value))
    return values.length === 1 ? `expected ${values[0]}` : `expected one of ${values.join(', ')}`
  }
  // zod's own words, without the prefix that repeats "invalid" and without what it received: that follows.
  const message = issue.message.replace(/^Invalid input: /, '').replace(/, received .*$/, '')
  return message.charAt(0).toLowerCase() + message.slice(1)
}

function received(schema: z.ZodType, tree: unknown, path: readonly PropertyKey[]): string {
  let value = tree
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  if (value === undefined) return ' (it is missing)'
  if (isSecret(schema, path)) return ' (the value is secret and not shown)'
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? ', got a list' : ', got an object'
  if (typeof value === 'function') return ', got a function'
  const text =
    typeof value === 'string' ? JSON.stringify(value) : String(value as number | bigint | boolean | null)
  return `, got ${text.length > 80 ? `${text.slice(0, 77)}…` : text}`
}

function isSecret(schema: z.ZodType, path: readonly PropertyKey[]): boolean {
  for (let length = 1; length <= path.length; length++) {
    const at = schemaAt(schema, path.slice(0, length))
    if (at !== undefined && metaOf(at).secret === true) return true
  }
  return false
}
