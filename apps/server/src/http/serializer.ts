import type { FastifySerializerCompiler } from 'fastify'
import { z } from 'zod'
import { serverErrors } from '../errors.ts'

type ResponseSchema = z.ZodType | { properties: z.ZodType }

/**
 * Parses an answer with its schema before it is written: unknown members are dropped, so nothing leaves that was not
 * declared, and defaults are filled in. (The type provider's own serializer runs schemas backwards, which a
 * `.transform()` does not survive.)
 */
export const outputSerializer: FastifySerializerCompiler<ResponseSchema> = ({ schema, method, url }) => {
  const parser = schema instanceof z.ZodType ? schema : schema.properties
  return (payload) => {
    const parsed = parser.safeParse(payload)
    if (!parsed.success) {
      throw serverErrors.OUTPUT_INVALID({
        source: `${method} ${url}`,
        problem: z.prettifyError(parsed.error),
      })
    }
    return JSON.stringify(parsed.data)
  }
}
