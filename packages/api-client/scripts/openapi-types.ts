/**
 * Turns an OpenAPI 3.1 document into the `paths` and `components` types that openapi-fetch understands. Our own,
 * because the usual generators need TypeScript's JavaScript API, which TypeScript 7 does not have.
 * Covers the JSON Schema that zod emits; an unknown construct becomes `unknown`, never a guess.
 */

export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema | boolean
  prefixItems?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  description?: string
}

interface Content {
  content?: Record<string, { schema?: JsonSchema }>
}
interface Parameter {
  name: string
  in: 'query' | 'path' | 'header' | 'cookie'
  required?: boolean
  schema?: JsonSchema
}
export interface Operation {
  summary?: string
  parameters?: Parameter[]
  requestBody?: Content & { required?: boolean }
  responses?: Record<string, Content>
}
export interface OpenApiDocument {
  paths?: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, JsonSchema> }
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const
const literal = (value: unknown): string => JSON.stringify(value)
const propertyName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name))
// `*/` inside a description would end the comment early.
const comment = (text: string | undefined): string =>
  text === undefined ? '' : `/** ${text.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ').trim()} */ `
const union = (parts: string[]): string => [...new Set(parts)].join(' | ') || 'never'

function objectType(schema: JsonSchema): string {
  const required = new Set(schema.required)
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, property]) =>
      `${comment(property.description)}${propertyName(name)}${required.has(name) ? '' : '?'}: ${typeOf(property)}`,
  )
  const rest = schema.additionalProperties
  const open = rest === true || (typeof rest === 'object' && Object.keys(rest).length === 0)
  if (members.length === 0) {
    if (typeof rest === 'object' && !open) return `Record<string, ${typeOf(rest)}>`
    return rest === false ? 'Record<string, never>' : 'Record<string, unknown>'
  }
  // An index signature must admit the named members too, so beside members it is always unknown.
  if (open || typeof rest === 'object') members.push('[key: string]: unknown')
  return `{ ${members.join('; ')} }`
}

function arrayType(schema: JsonSchema): string {
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(typeOf).join(', ')}]`
  return typeof schema.items === 'object' ? `(${typeOf(schema.items)})[]` : 'unknown[]'
}

const SCALARS: Record<string, string> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
}

/** The TypeScript type of a schema, on one line; prettier breaks it. */
export function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) {
    return `components['schemas'][${literal(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1))}]`
  }
  if ('const' in schema) return literal(schema.const)
  if (schema.enum !== undefined) return union(schema.enum.map(literal))
  const either = schema.anyOf ?? schema.oneOf
  if (either !== undefined) return union(either.map(typeOf))
  if (schema.allOf !== undefined) return schema.allOf.map((part) => `(${typeOf(part)})`).join(' & ')
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  return union(
    types.map((type) => {
      if (type === 'object' || (type === undefined && schema.properties !== undefined))
        return objectType(schema)
      if (type === 'array') return arrayType(schema)
      return SCALARS[type ?? ''] ?? 'unknown'
    }),
  )
}

function contentType(holder: Content): string {
  const media = Object.entries(holder.content ?? {})
  if (media.length === 0) return 'content?: never'
  return `content: { ${media.map(([type, { schema }]) => `${literal(type)}: ${typeOf(schema ?? {})}`).join('; ')} }`
}

function parametersType(parameters: readonly Parameter[]): string {
  const groups = (['query', 'path', 'header'] as const).map((place) => {
    const inPlace = parameters.filter((parameter) => parameter.in === place)
    if (inPlace.length === 0) return `${place}?: never`
    const members = inPlace.map(
      ({ name, required, schema = {} }) =>
        `${comment(schema.description)}${propertyName(name)}${required ? '' : '?'}: ${typeOf(schema)}`,
    )
    return `${place}${inPlace.some(({ required }) => required) ? '' : '?'}: { ${members.join('; ')} }`
  })
  return `{ ${groups.join('; ')}; cookie?: never }`
}

function operationType(operation: Operation): string {
  const { requestBody: body } = operation
  const requestBody =
    body === undefined
      ? 'requestBody?: never'
      : `requestBody${body.required ? '' : '?'}: { ${contentType(body)} }`
  const responses = Object.entries(operation.responses ?? {}).map(
    ([status, response]) =>
      `${/^\d+$/.test(status) ? status : literal(status)}: { headers: Record<string, unknown>; ${contentType(response)} }`,
  )
  return `{ parameters: ${parametersType(operation.parameters ?? [])}; ${requestBody}; responses: { ${responses.join('; ')} } }`
}

function pathType(item: Record<string, Operation>): string {
  return METHODS.map((method) => {
    const operation = item[method]
    return operation === undefined
      ? `${method}?: never`
      : `${comment(operation.summary)}${method}: ${operationType(operation)}`
  }).join('; ')
}

/** Names of the components that the paths reach, directly or through one another. */
function reachable(document: OpenApiDocument): Set<string> {
  const found = new Set<string>()
  const visit = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || found.has(name)) continue
      found.add(name)
      visit(document.components?.schemas?.[name])
    }
  }
  visit(document.paths)
  return found
}

/** The whole module; components that nothing refers to are left out. */
export function openApiTypes(document: OpenApiDocument): string {
  const paths = Object.entries(document.paths ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([path, item]) =>
        `  ${literal(path)}: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; ${pathType(item)} }`,
    )
    .join('\n')
  const used = reachable(document)
  const schemas = Object.entries(document.components?.schemas ?? {})
    .filter(([name]) => used.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `    ${comment(schema.description)}${propertyName(name)}: ${typeOf(schema)}`)
    .join('\n')
  return `// Generated from the control plane's OpenAPI document by \`npm --workspace @millrace/api-client run generate\`. Do not edit.

export interface paths {
${paths}
}

export interface components {
  schemas: {
${schemas}
  }
}
`
}
