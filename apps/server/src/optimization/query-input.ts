import { coerceText, schemaAt } from '@millrace/core'
import type { z } from 'zod'
import { serverErrors } from '../errors.ts'

/**
 * Query parameters as the input of an action: each text is read as the type that the input's schema has there, so
 * `width=800` is a number. Whether the value is in range, and whether a name is known, is the schema's business.
 * Throws SERVER_INPUT_INVALID.
 */
export function queryInput(
  schema: z.ZodType,
  query: Readonly<Record<string, string | string[]>>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  const problems: { path: string; message: string }[] = []
  for (const [name, given] of Object.entries(query)) {
    const at = schemaAt(schema, [name])
    // A repeated parameter is a list; commas inside one value are one as well.
    const text = Array.isArray(given) ? JSON.stringify(given) : given
    if (at === undefined) input[name] = given
    else {
      const read = coerceText(at, text)
      if (read.ok) input[name] = read.value
      else problems.push({ path: name, message: `must be ${read.expected}` })
    }
  }
  if (problems.length > 0) throw serverErrors.INPUT_INVALID({ problems })
  return input
}
