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
        name: 'millrace_session_<installation>',
        description:
          'Set by POST /api/auth/login, under a name of each installation’s own; changes also need the header x-csrf-token.',
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

const REFERENCE = '#/components/schemas/'

/** Rebuilds a part of the document; what refers to a component calls `found`, which may put something in its place. */
function mapReferences(part: unknown, found: (name: string) => unknown): unknown {
  if (Array.isArray(part)) return part.map((item: unknown) => mapReferences(item, found))
  if (typeof part !== 'object' || part === null) return part
  const { $ref } = part as { $ref?: unknown }
  if (typeof $ref === 'string' && $ref.startsWith(REFERENCE))
    return found($ref.slice(REFERENCE.length)) ?? part
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, mapReferences(value, found)]))
}

/**
 * Every registered schema becomes a component, for reading and for writing; those that nothing refers to go again. A
 * schema that refers to itself without a name (`z.json()`) leaves a reference to nothing, which becomes "anything".
 */
export const withUsedComponents: SwaggerTransformObject = (document) => {
  const complete = jsonSchemaTransformObject(document) as {
    paths?: unknown
    components?: { schemas?: Record<string, unknown> }
  }
  const all = complete.components?.schemas ?? {}
  const used: Record<string, unknown> = {}
  const use = (name: string): unknown => {
    if (!Object.hasOwn(all, name)) return { description: 'Any JSON value.' }
    if (!Object.hasOwn(used, name)) {
      used[name] = all[name]
      used[name] = mapReferences(all[name], use)
    }
    return undefined
  }
  const paths = mapReferences(complete.paths, use)
  return {
    ...complete,
    paths,
    components: { ...complete.components, schemas: used },
  } as ReturnType<SwaggerTransformObject>
}
