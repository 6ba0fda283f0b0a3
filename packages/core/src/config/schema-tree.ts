import type { z } from 'zod'

/** What a setting's `.meta()` may say. `env` is one variable's name, or several of which the first set one wins. */
export interface SettingMeta {
  env?: string | readonly string[]
  secret?: boolean
  title?: string
  description?: string
  /** May be changed while running (`PUT /api/performance/settings`): it is read from `context.config` at each use. */
  live?: boolean
}

/** The part of zod's definition that a walk needs; zod types it per class, a walk meets them all. */
interface Definition {
  type: string
  innerType?: z.ZodType
  in?: z.ZodType
  out?: z.ZodType
  getter?: () => z.ZodType
  shape?: Record<string, z.ZodType>
  valueType?: z.ZodType
  element?: z.ZodType
  options?: z.ZodType[]
  entries?: Record<string, string | number>
  values?: unknown[]
}

export const definitionOf = (schema: z.ZodType): Definition => schema._zod.def as unknown as Definition

/** Below default, optional, nullable, pipe and the like: the schema that says what a value looks like. */
export function innermost(schema: z.ZodType): z.ZodType {
  const next = below(schema)
  return next === undefined ? schema : innermost(next)
}

function below(schema: z.ZodType): z.ZodType | undefined {
  const def = definitionOf(schema)
  if (def.innerType !== undefined) return def.innerType
  if (def.type === 'lazy') return def.getter?.()
  // z.preprocess is a pipe whose input is a bare transform: its output says more.
  if (def.type === 'pipe')
    return def.in !== undefined && definitionOf(def.in).type !== 'transform' ? def.in : def.out
  return undefined
}

/** Metadata of a setting over all its wrappers; the outermost wins. */
export function metaOf(schema: z.ZodType): SettingMeta {
  const own = (schema.meta() ?? {}) as SettingMeta
  const next = below(schema)
  return next === undefined ? own : { ...metaOf(next), ...own }
}

export const envNames = (meta: SettingMeta): readonly string[] =>
  meta.env === undefined ? [] : typeof meta.env === 'string' ? [meta.env] : meta.env

/** Known keys of an object, or of a union that has objects among its options; undefined for anything else. */
export function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  const def = definitionOf(innermost(schema))
  if (def.type === 'object') return def.shape
  if (def.type !== 'union') return undefined
  const shapes = (def.options ?? []).map(shapeOf).filter((shape) => shape !== undefined)
  return shapes.length === 0 ? undefined : Object.assign({}, ...shapes.toReversed())
}

/** The schema of one key or index of a value; undefined when there can be none. */
export function childOf(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  const shape = shapeOf(schema)
  if (shape !== undefined) return Object.hasOwn(shape, key) ? shape[String(key)] : undefined
  const def = definitionOf(innermost(schema))
  if (def.type === 'record') return def.valueType
  if (def.type === 'array') return /^\d+$/.test(String(key)) ? def.element : undefined
  if (def.type !== 'union') return undefined
  for (const option of def.options ?? []) {
    const child = childOf(option, key)
    if (child !== undefined) return child
  }
  return undefined
}

/** The schema of a list's or map's entries; undefined for anything else. */
export function entryOf(schema: z.ZodType): z.ZodType | undefined {
  const def = definitionOf(innermost(schema))
  return def.type === 'array' ? def.element : def.type === 'record' ? def.valueType : undefined
}

export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = schema
  for (const key of path) at = at === undefined ? undefined : childOf(at, key)
  return at
}

/** Every node that has a fixed place in the tree, parents first. Entries of records and arrays have none. */
export function* settingNodes(
  schema: z.ZodType,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; schema: z.ZodType; meta: SettingMeta }> {
  yield { path, schema, meta: metaOf(schema) }
  for (const [key, child] of Object.entries(shapeOf(schema) ?? {})) yield* settingNodes(child, [...path, key])
}

/** The leaves of a value under its schema: scalars, lists, and settings that are not set. */
export function* leavesOf(
  schema: z.ZodType,
  value: unknown,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; schema: z.ZodType; value: unknown }> {
  const shape = shapeOf(schema)
  const isUnion = definitionOf(innermost(schema)).type === 'union'
  if (shape !== undefined && (isPlainObject(value) || (value === undefined && !isUnion))) {
    for (const [key, child] of Object.entries(shape)) yield* leavesOf(child, value?.[key], [...path, key])
    return
  }
  const { type, valueType } = definitionOf(innermost(schema))
  if (type === 'record' && valueType !== undefined && isPlainObject(value) && Object.keys(value).length > 0) {
    for (const key of Object.keys(value)) yield* leavesOf(valueType, value[key], [...path, key])
    return
  }
  yield { path, schema, value }
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** `applications.shop.routes[0].path` */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = ''
  for (const key of path) {
    text += typeof key === 'number' ? `[${key}]` : text === '' ? String(key) : `.${String(key)}`
  }
  return text
}
