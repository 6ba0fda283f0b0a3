import { expect, test } from 'vitest'
import { openApiTypes, typeOf, type JsonSchema } from '../scripts/openapi-types.ts'

test('each JSON Schema is the TypeScript type it describes', () => {
  const cases: [JsonSchema, string][] = [
    [{ type: 'string' }, 'string'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ enum: ['a', 'b'] }, '"a" | "b"'],
    [{ const: 3 }, '3'],
    [{ const: null }, 'null'],
    [{}, 'unknown'],
    [{ type: 'somethingNew' }, 'unknown'],
    [{ anyOf: [{ type: 'number' }, { type: 'integer' }, { type: 'null' }] }, 'number | null'],
    [{ allOf: [{ type: 'string' }, { enum: ['a'] }] }, '(string) & ("a")'],
    [{ type: 'array', items: { type: ['number', 'null'] } }, '(number | null)[]'],
    [{ type: 'array' }, 'unknown[]'],
    [{ type: 'array', prefixItems: [{ type: 'string' }, {}] }, '[string, unknown]'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, 'Record<string, number>'],
    [{ type: 'object', additionalProperties: {} }, 'Record<string, unknown>'],
    [{ type: 'object', additionalProperties: false }, 'Record<string, never>'],
    [{ $ref: '#/components/schemas/User' }, `components['schemas']["User"]`],
    [
      { type: 'object', properties: { a: { type: 'string' }, 'x-y': { type: 'number' } }, required: ['a'] },
      '{ a: string; "x-y"?: number }',
    ],
    [
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: {} },
      '{ a?: string; [key: string]: unknown }',
    ],
  ]
  for (const [schema, type] of cases) expect(typeOf(schema)).toBe(type)
})

test('a description cannot end its comment early', () => {
  const schema = { type: 'object', properties: { a: { type: 'string', description: 'x */ evil() /*\ny' } } }
  expect(typeOf(schema)).toBe(String.raw`{ /** x *\/ evil() /* y */ a?: string }`)
})

test('a document becomes paths and the components they reach', () => {
  const module = openApiTypes({
    paths: {
      '/things/{id}': {
        get: {
          summary: 'One thing',
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'width', in: 'query', schema: { type: 'integer' } },
          ],
          responses: {
            200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
            204: {},
          },
        },
      },
    },
    components: {
      schemas: {
        Thing: { type: 'object', properties: { part: { $ref: '#/components/schemas/Part' } } },
        Part: { type: 'string' },
        Unused: { type: 'string' },
      },
    },
  })
  expect(module).toContain('"/things/{id}"')
  expect(module).toContain(
    '/** One thing */ get: { parameters: { query?: { width?: number }; path: { id: string }',
  )
  expect(module).toContain('204: { headers: Record<string, unknown>; content?: never }')
  expect(module).toContain('Part: string')
  expect(module).not.toContain('Unused')
})
