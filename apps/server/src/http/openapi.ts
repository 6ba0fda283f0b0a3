import type { FastifyDynamicSwaggerOptions, SwaggerTransformObject } from '@fastify/swagger'
import { jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemSchema } from './schema.ts'

export const openApiInfo = (version: string): NonNullable<FastifyDynamicSwaggerOptions['openapi']> => ({
  openapi: '3.1.0',
  info: {
    title: 'Millrace control plane',
    description:
      'Reading needs the role viewer, changes operator, destructive changes and users administrator. Errors are RFC 9457 problem documents with a stable `code`.',
    version,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, { session: [] }],
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An API token.' },
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: 'millrace_session',
        description: 'Set by POST /api/auth/login; changes also need the header x-csrf-token.',
      },
    },
  },
})

/** The answer every operation may give besides its own. */
export const problemResponse = {
  default: {
    description: 'What went wrong.',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
}

/** For 204. */
export const noContent = z.undefined().describe('Done.')

/** A body or answer that is not JSON, documented by media type only; the handler sends it with its own serializer. */
export const mediaResponse = (mediaType: string, description: string) => ({
  description,
  content: { [mediaType]: { schema: z.string() } },
})

/** Every registered schema becomes a component, for reading and for writing; those that nothing refers to go again. */
export const withUsedComponents: SwaggerTransformObject = (document) => {
  const complete = jsonSchemaTransformObject(document) as {
    paths?: unknown
    components?: { schemas?: Record<string, unknown> }
  }
  const schemas = complete.components?.schemas ?? {}
  const used = new Set<string>()
  const visit = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || used.has(name)) continue
      used.add(name)
      visit(schemas[name])
    }
  }
  visit(complete.paths)
  return {
    ...complete,
    components: {
      ...complete.components,
      schemas: Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name))),
    },
  } as ReturnType<SwaggerTransformObject>
}
