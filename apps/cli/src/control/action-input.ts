import { nearest } from '@millrace/core'
import { cliErrors } from '../errors.ts'

/** As much of a JSON Schema as turning words into values takes. */
export interface ParameterSchema {
  type?: string | string[]
  description?: string
  default?: unknown
  enum?: unknown[]
  properties?: Record<string, ParameterSchema>
  required?: string[]
  items?: ParameterSchema
  anyOf?: ParameterSchema[]
}

export interface ParsedWords {
  /** `--key value`, as text; true for a flag without a value. */
  options: Map<string, (string | true)[]>
  positional: string[]
}

/** Reads `--key value`, `--key=value`, `--flag` and `--no-flag`. `isFlag` knows which take no value. */
export function parseWords(words: readonly string[], isFlag: (key: string) => boolean): ParsedWords {
  const options: ParsedWords['options'] = new Map()
  const positional: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const [, key, inline] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    if (key === undefined) {
      positional.push(word)
      continue
    }
    const next = words[i + 1]
    let value: string | true = true
    if (inline !== undefined) value = inline
    else if (!isFlag(key) && next !== undefined && !/^--\w/.test(next)) {
      value = next
      i++
    }
    options.set(key, [...(options.get(key) ?? []), value])
  }
  return { options, positional }
}

/** The input object of an action from its options, typed by its schema; the control plane validates the rest. */
export function readInput(options: ParsedWords['options'], schema: ParameterSchema): Record<string, unknown> {
  const properties = schema.properties ?? {}
  const input: Record<string, unknown> = {}
  for (const [name, values] of options) {
    const negated = name.startsWith('no-') && !Object.hasOwn(properties, camelCase(name))
    const key = camelCase(negated ? name.slice(3) : name)
    const property = properties[key]
    if (property === undefined) {
      const known = Object.keys(properties)
      const close = nearest(key, known)
      throw cliErrors.USAGE({
        problem: `There is no option --${name}.${close === undefined ? '' : ` Did you mean --${close}?`}`,
        hint:
          known.length === 0
            ? 'This action takes none.'
            : `There are: ${known.map((option) => `--${option}`).join(', ')}`,
      })
    }
    const value = negated ? 'false' : values.at(-1)!
    const isList = typeOf(property) === 'array' && !String(value).startsWith('[')
    input[key] = isList
      ? values
          .flatMap((item) => String(item).split(','))
          .map((item) => coerce(key, item, property.items ?? {}))
      : coerce(key, value, property)
  }
  return input
}

function typeOf(schema: ParameterSchema): string | undefined {
  const type =
    schema.type ?? schema.anyOf?.map(typeOf).find((option) => option !== undefined && option !== 'null')
  return Array.isArray(type) ? type.find((option) => option !== 'null') : type
}

function coerce(key: string, value: string | true, schema: ParameterSchema): unknown {
  const type = typeOf(schema)
  const fail = (expected: string): Error =>
    cliErrors.USAGE({
      problem: `--${key} takes ${expected}, not ${JSON.stringify(value)}.`,
      hint: schema.description ?? '',
    })
  if (type === 'boolean') {
    if (value === true || value === 'true') return true
    if (value === 'false') return false
    throw fail('true or false')
  }
  if (value === true) throw fail('a value')
  if (type === 'number' || type === 'integer') {
    if (value.trim() === '' || !Number.isFinite(Number(value))) throw fail('a number')
    return Number(value)
  }
  if (type === 'object' || type === 'array') {
    try {
      return JSON.parse(value) as unknown
    } catch {
      throw fail('JSON')
    }
  }
  return value
}

const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
