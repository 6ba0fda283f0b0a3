import { z } from 'zod'
import type { ConfiguredCapability, LoadedConfig } from './load.ts'
import {
  childOf,
  entryOf,
  envNames,
  isPlainObject,
  leavesOf,
  metaOf,
  schemaAt,
  shapeOf,
  type SettingMeta,
} from './schema-tree.ts'

export const REDACTED_VALUE = '[redacted]'

/** One setting, as `config print` and the panel show it. */
export interface ConfigRow {
  /** Dotted. */
  path: string
  /** Secrets are replaced by REDACTED_VALUE; undefined when not set. */
  value: unknown
  /** `default`, `file`, `env:NAME` or `flag`. */
  origin: string
  secret: boolean
  title: string | undefined
  description: string | undefined
  /** Environment variables that set it, in order of precedence. */
  env: readonly string[]
}

/** Every setting with its value and where that came from, in the schema's order. */
export function describeConfig(loaded: Pick<LoadedConfig, 'config' | 'origins' | 'schema'>): ConfigRow[] {
  const rows: ConfigRow[] = []
  for (const { path, schema, value } of leavesOf(loaded.schema, loaded.config)) {
    const meta = metaOf(schema)
    const dotted = path.join('.')
    const secret = underSecret(loaded.schema, path)
    rows.push({
      path: dotted,
      value: redactBelow(
        schema,
        value,
        secret,
        freeFormKey(schemaAt(loaded.schema, path.slice(0, -1)), path.at(-1)),
      ),
      origin: loaded.origins[dotted] ?? 'default',
      secret,
      title: meta.title,
      description: meta.description,
      env: envNames(meta),
    })
  }
  return rows
}

/** One setting as declared, without a value; entries of maps and lists have `*` in their path. */
export type DeclaredSetting = Pick<ConfigRow, 'path' | 'env'> & { meta: SettingMeta; schema: z.ZodType }

/** Every setting that a schema declares, in its order: for the reference page and the conformance suite. */
export function settingsOf(schema: z.ZodType, path: readonly string[] = []): DeclaredSetting[] {
  const shape = shapeOf(schema)
  if (shape !== undefined) {
    return Object.entries(shape).flatMap(([key, child]) => settingsOf(child, [...path, key]))
  }
  const meta = metaOf(schema)
  const entry = entryOf(schema)
  const own = path.length === 0 ? [] : [{ path: path.join('.'), env: envNames(meta), meta, schema }]
  // A list or map of plain values is one setting; of objects, its entries have settings of their own.
  return entry === undefined || shapeOf(entry) === undefined
    ? own
    : [...own, ...settingsOf(entry, [...path, '*'])]
}

/** A copy of a value that may leave the process: for the panel and for logs. */
export function redactConfig(schema: z.ZodType, value: unknown): unknown {
  return redactBelow(schema, value, false, undefined)
}

/** JSON Schema of a capability's settings as they are written (before defaults), for forms. */
export function configSchema(capability: ConfiguredCapability): Record<string, unknown> {
  return z.toJSONSchema(capability.config, { io: 'input', unrepresentable: 'any' })
}

// Free-form maps (an application's environment) carry secrets under names that nobody declared.
const SECRET_NAME = /secret|passw|token|credential|api_?key|private_?key|(^|_)(key|pwd|auth)$/i

function redactBelow(
  schema: z.ZodType | undefined,
  value: unknown,
  secret: boolean,
  key: string | undefined,
): unknown {
  if (value === undefined || value === null) return value
  if (secret || (schema !== undefined && metaOf(schema).secret === true)) return REDACTED_VALUE
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) =>
      redactBelow(schema && childOf(schema, index), item, false, undefined),
    )
  }
  if (isPlainObject(value)) {
    const copy: Record<string, unknown> = {}
    for (const [name, item] of Object.entries(value)) {
      copy[name] = redactBelow(schema && childOf(schema, name), item, false, freeFormKey(schema, name))
    }
    return copy
  }
  if (typeof value !== 'string') return value
  if (key !== undefined && SECRET_NAME.test(key)) return REDACTED_VALUE
  return withoutPassword(value)
}

const freeFormKey = (parent: z.ZodType | undefined, key: string | undefined): string | undefined =>
  key !== undefined && Object.hasOwn((parent && shapeOf(parent)) ?? {}, key) ? undefined : key

/** `postgres://shop:[redacted]@host/db`: whatever the setting, a password in an address is not shown. */
const withoutPassword = (text: string): string =>
  text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*):[^/?#]*@/i, `$1:${REDACTED_VALUE}@`)

function underSecret(schema: z.ZodType, path: readonly string[]): boolean {
  for (let length = 1; length <= path.length; length++) {
    const at = schemaAt(schema, path.slice(0, length))
    if (at !== undefined && metaOf(at).secret === true) return true
  }
  return false
}
