/** The part of JSON Schema 2020-12 that zod emits for inputs and configurations. */
export interface JsonSchema {
  type?: string | readonly string[]
  title?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: readonly string[]
  items?: JsonSchema
  enum?: readonly unknown[]
  const?: unknown
  anyOf?: readonly JsonSchema[]
  oneOf?: readonly JsonSchema[]
  default?: unknown
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  additionalProperties?: boolean | JsonSchema
}

export type FieldKind = 'text' | 'number' | 'boolean' | 'choice' | 'list' | 'object' | 'json'

/** Which input fits; `json` for everything that has no better one. */
export function fieldKind(schema: JsonSchema): FieldKind {
  if (schema.enum !== undefined) return 'choice'
  switch (schema.type) {
    case 'string':
      return 'text'
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'array':
      return schema.items?.type === 'string' && schema.items.enum === undefined ? 'list' : 'json'
    case 'object':
      return schema.properties === undefined ? 'json' : 'object'
    default:
      return 'json'
  }
}

/** What a form starts with: the defaults that the schema states, and nothing invented. */
export function initialValue(schema: JsonSchema): unknown {
  if (schema.default !== undefined) return schema.default
  if (fieldKind(schema) !== 'object') return undefined
  const entries = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const value = initialValue(property)
    return value === undefined ? [] : [[name, value] as const]
  })
  // An optional object that nobody filled in is not sent at all.
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** Problems by path (`pools.0`, `''` for the whole). The server checks again; this only saves the way. */
export type Problems = Record<string, string>

function numberProblem(value: unknown, schema: JsonSchema): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number'
  if (schema.type === 'integer' && !Number.isInteger(value)) return 'must be a whole number'
  if (schema.minimum !== undefined && value < schema.minimum) return `at least ${schema.minimum}`
  if (schema.maximum !== undefined && value > schema.maximum) return `at most ${schema.maximum}`
  if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum)
    return `more than ${schema.exclusiveMinimum}`
  if (schema.exclusiveMaximum !== undefined && value >= schema.exclusiveMaximum)
    return `less than ${schema.exclusiveMaximum}`
  return undefined
}

function textProblem(value: unknown, schema: JsonSchema): string | undefined {
  if (typeof value !== 'string') return 'must be text'
  if (schema.minLength !== undefined && value.length < schema.minLength)
    return `at least ${schema.minLength} characters`
  if (schema.maxLength !== undefined && value.length > schema.maxLength)
    return `at most ${schema.maxLength} characters`
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
    return `must match ${schema.pattern}`
  return undefined
}

/** Checks what the form can check; unknown keywords pass. */
export function validate(value: unknown, schema: JsonSchema, path = '', required = true): Problems {
  if (value === undefined || (value === '' && !required)) {
    return required && schema.default === undefined ? { [path]: 'required' } : {}
  }
  const kind = fieldKind(schema)
  const one = (problem: string | undefined): Problems => (problem === undefined ? {} : { [path]: problem })
  if (kind === 'number') return one(numberProblem(value, schema))
  if (kind === 'text') return one(textProblem(value, schema))
  if (kind === 'choice')
    return one(schema.enum!.includes(value) ? undefined : `one of ${schema.enum!.join(', ')}`)
  if (kind !== 'object') return {}
  const record = value as Record<string, unknown>
  return Object.assign(
    {},
    ...Object.entries(schema.properties ?? {}).map(([name, property]) =>
      validate(
        record[name],
        property,
        path === '' ? name : `${path}.${name}`,
        schema.required?.includes(name) ?? false,
      ),
    ),
  ) as Problems
}

/** In words, below a field: `integer, 0 to 256`. */
export function describeType(schema: JsonSchema): string {
  const bounds =
    schema.minimum !== undefined && schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER
      ? `, ${schema.minimum} to ${schema.maximum}`
      : schema.minimum !== undefined && schema.minimum > Number.MIN_SAFE_INTEGER
        ? `, at least ${schema.minimum}`
        : ''
  if (schema.enum !== undefined) return schema.enum.map(String).join(' | ')
  if (schema.anyOf !== undefined) return schema.anyOf.map(describeType).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (Array.isArray(schema.type)) return schema.type.join(' or ')
  return `${String(schema.type ?? 'any')}${bounds}`
}
