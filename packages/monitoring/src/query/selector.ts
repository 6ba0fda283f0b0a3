import type { Labels } from '@millrace/core'
import { monitoringErrors } from '../errors.ts'

const MAX_PATTERN = 200

// A quantified group that contains a quantifier, or a back reference: the forms that take exponential time.
const NESTED = /\([^()]*[+*{][^()]*\)[+*{?]|\\[1-9]|\\k</

function compile(label: string, pattern: string): RegExp {
  const refuse = (reason: string): never => {
    throw monitoringErrors.PATTERN_INVALID({ label, pattern: pattern.slice(0, MAX_PATTERN), reason })
  }
  if (pattern.length > MAX_PATTERN) refuse(`it is longer than ${MAX_PATTERN} characters`)
  if (NESTED.test(pattern)) refuse('nested quantifiers and back references are not allowed')
  try {
    return new RegExp(pattern, 'u')
  } catch (error) {
    return refuse((error as Error).message)
  }
}

/**
 * A test for label sets: exact values, `!value` for any other, `~pattern` and `!~pattern` for regular expressions,
 * which may match a part of the value (`~^5`). An absent label counts as empty.
 */
export function createSelector(where: Labels = {}): (labels: Labels) => boolean {
  const tests = Object.entries(where).map(([label, condition]) => {
    const negated = condition.startsWith('!')
    const rest = negated ? condition.slice(1) : condition
    const pattern = rest.startsWith('~') ? compile(label, rest.slice(1)) : undefined
    return (labels: Labels): boolean => {
      const value = labels[label] ?? ''
      return (pattern === undefined ? value === rest : pattern.test(value)) !== negated
    }
  })
  return (labels) => tests.every((test) => test(labels))
}

/** The labels a group keeps, and its key. */
export function groupOf(labels: Labels, by: readonly string[] = []): { key: string; labels: Labels } {
  const kept: Record<string, string> = {}
  for (const name of by) if (labels[name] !== undefined) kept[name] = labels[name]
  return { key: by.map((name) => labels[name] ?? '').join('\u0000'), labels: kept }
}
