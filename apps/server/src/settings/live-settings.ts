import { isPlainObject, settingNodes, type ConfiguredCapability, type SettingMeta } from '@millrace/core'
import type { z } from 'zod'

/** One setting whose `.meta({ live: true })` says that it may be changed while running. */
export interface LiveSetting {
  /** `<section>.<key>…` */
  path: string
  section: string
  /** Keys below the section. */
  keys: readonly string[]
  schema: z.ZodType
  meta: SettingMeta
}

/** A section is a key of the configuration with a schema: each capability's, and the control plane's own. */
export function liveSettings(sections: readonly ConfiguredCapability[]): Map<string, LiveSetting> {
  const settings = new Map<string, LiveSetting>()
  for (const { name, config } of sections) {
    for (const { path: keys, schema, meta } of settingNodes(config)) {
      if (meta.live !== true || keys.length === 0) continue
      const path = [name, ...keys].join('.')
      settings.set(path, { path, section: name, keys, schema, meta })
    }
  }
  return settings
}

/**
 * `{ 'a.b': 1 }` and `{ a: { b: 1 } }` are the same change. Descends until a live setting is reached, so that one whose
 * value is an object stays whole; whatever leads to none comes back as unknown.
 */
export function flattenChanges(
  body: Readonly<Record<string, unknown>>,
  accepted: ReadonlyMap<string, LiveSetting>,
): { changes: Map<string, unknown>; unknown: string[] } {
  const changes = new Map<string, unknown>()
  const unknown: string[] = []
  const visit = (value: unknown, path: string): void => {
    if (accepted.has(path)) changes.set(path, value)
    else if (isPlainObject(value) && [...accepted.keys()].some((known) => known.startsWith(`${path}.`))) {
      const entries = Object.entries(value)
      if (entries.length === 0) unknown.push(path)
      for (const [key, child] of entries) visit(child, `${path}.${key}`)
    } else unknown.push(path)
  }
  for (const [key, value] of Object.entries(body)) visit(value, key)
  return { changes, unknown }
}

export function valueAt(tree: unknown, keys: readonly string[]): unknown {
  let at = tree
  for (const key of keys) at = isPlainObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
  return at
}

/** Sets in place; what lies on the way and is not an object becomes one. Undefined removes. */
export function assignAt(tree: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  let at = tree
  for (const key of keys.slice(0, -1)) {
    const next = Object.hasOwn(at, key) ? at[key] : undefined
    if (isPlainObject(next)) at = next
    else {
      const made: Record<string, unknown> = {}
      at[key] = made
      at = made
    }
  }
  const last = keys.at(-1)
  if (last === undefined) return
  if (value === undefined) delete at[last]
  else at[last] = value
}
