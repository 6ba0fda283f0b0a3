import { z } from 'zod'
import { storeErrors } from './errors.ts'

/**
 * Checks what came from outside and returns it typed.
 * @throws STORE_INPUT_INVALID with every problem at once.
 */
export function parseInput<Schema extends z.ZodType>(
  where: 'path' | 'query' | 'body',
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message,
  }))
  throw storeErrors.INPUT_INVALID({ where, problems })
}

/** A number written as text, as paths and queries have it. */
const wholeNumber = z.coerce.number('must be a whole number').int('must be a whole number')

/** An identifier in a path, query or form: what an `integer` column can hold. */
export const idInput = wholeNumber.min(1).max(2_147_483_647)

export const limitInput = (fallback: number, max = 100): z.ZodType<number> =>
  wholeNumber.min(1).max(max).default(fallback)

export const offsetInput = wholeNumber.min(0).max(100_000).default(0)

/** What a person types: trimmed, not empty, and without the NUL that PostgreSQL cannot store. */
export const textInput = (max: number): z.ZodType<string> =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !text.includes('\u0000'), 'must not contain NUL')
