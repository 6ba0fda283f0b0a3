import { coreErrors, formatPath, isPlainObject, type ConfiguredCapability } from '@millrace/core'
import type { z } from 'zod'
import { assignAt, liveSettings, valueAt, type LiveSetting } from './live-settings.ts'

/**
 * The configuration by section: what the loader validated, with the stored settings on top. The object that
 * `of` returns stays the same for good and is changed in place, which is how a running capability sees a new value.
 */
export interface ConfigTree {
  /** As it is now, valid or not. */
  of(section: string): Record<string, unknown>
  /** The same object, for the capability itself. Throws CORE_CONFIG_INVALID when it does not fit the schema. */
  validated(section: string): Record<string, unknown>
  originsOf(section: string): Record<string, string>
  readonly live: ReadonlyMap<string, LiveSetting>
  livePaths(section: string): string[]
  /** What the loader said, without stored settings. */
  configured(setting: LiveSetting): unknown
  isStored(path: string): boolean
  /** Problems that the stored settings together with these would have; null takes one back. Changes nothing. */
  problems(changes: ReadonlyMap<string, unknown>): string[]
  /** Takes over what `problems` found nothing wrong with. */
  apply(changes: ReadonlyMap<string, unknown>): void
}

export interface ConfigTreeOptions {
  /** Capabilities, and what else may be changed while running. */
  sections: readonly ConfiguredCapability[]
  /** By capability name; the validated tree of the loader. Missing ones get their defaults. */
  config: Readonly<Record<string, unknown>>
  /** By full path; see `LoadedConfig`. */
  origins: Readonly<Record<string, string>>
}

const problemsOf = (name: string, error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => `${formatPath([name, ...path])}: ${message}`)

const asObject = (value: unknown): Record<string, unknown> => (isPlainObject(value) ? value : {})

export function createConfigTree(options: ConfigTreeOptions): ConfigTree {
  const { sections, config, origins } = options
  const live = liveSettings(sections)
  const schemas = new Map<string, z.ZodType>(sections.map(({ name, config: schema }) => [name, schema]))
  const base = new Map<string, Record<string, unknown>>()
  const current = new Map<string, Record<string, unknown>>()
  const stored = new Map<string, unknown>()
  const invalid = new Map<string, string[]>()

  for (const [name, schema] of schemas) {
    const given = asObject(config[name])
    const parsed = schema.safeParse(structuredClone(given))
    if (!parsed.success) invalid.set(name, problemsOf(name, parsed.error))
    const value = asObject(parsed.success ? parsed.data : given)
    base.set(name, value)
    current.set(name, structuredClone(value))
  }

  /** The configuration of one section with these settings on top of what was configured. */
  const merged = (name: string, settings: ReadonlyMap<string, unknown>): Record<string, unknown> => {
    const tree = structuredClone(base.get(name) ?? {})
    for (const [path, value] of settings) {
      const setting = live.get(path)
      if (setting?.section === name) assignAt(tree, setting.keys, structuredClone(value))
    }
    return tree
  }
  const withChanges = (changes: ReadonlyMap<string, unknown>): Map<string, unknown> => {
    const next = new Map(stored)
    for (const [path, value] of changes) {
      if (value === null) next.delete(path)
      else next.set(path, value)
    }
    return next
  }
  const touched = (changes: ReadonlyMap<string, unknown>): Set<string> =>
    new Set([...changes.keys()].flatMap((path) => live.get(path)?.section ?? []))

  return {
    live,
    of: (name) => current.get(name) ?? {},
    validated: (name) => {
      const problems = invalid.get(name)
      if (problems !== undefined) throw coreErrors.CONFIG_INVALID({ problems })
      return current.get(name) ?? {}
    },
    originsOf: (name) => {
      const own: Record<string, string> = {}
      for (const [path, origin] of Object.entries(origins))
        if (path.startsWith(`${name}.`)) own[path] = origin
      for (const path of stored.keys()) if (live.get(path)?.section === name) own[path] = 'settings'
      return own
    },
    livePaths: (name) => [...live.values()].filter(({ section }) => section === name).map(({ path }) => path),
    configured: ({ section, keys }) => valueAt(base.get(section), keys),
    isStored: (path) => stored.has(path),
    problems: (changes) => {
      const next = withChanges(changes)
      return [...touched(changes)].flatMap((name) => {
        const parsed = schemas.get(name)?.safeParse(merged(name, next))
        return parsed?.success === false ? problemsOf(name, parsed.error) : []
      })
    },
    apply: (changes) => {
      const next = withChanges(changes)
      for (const name of touched(changes)) {
        const parsed: unknown = schemas.get(name)?.parse(merged(name, next))
        const target = current.get(name)
        if (target === undefined) continue
        for (const [path, { section, keys }] of live) {
          if (section === name && changes.has(path)) assignAt(target, keys, valueAt(parsed, keys))
        }
      }
      stored.clear()
      for (const [path, value] of next) stored.set(path, value)
    },
  }
}
