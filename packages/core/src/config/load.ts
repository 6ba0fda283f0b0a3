import { dirname, isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { coreErrors } from '../errors/errors.ts'
import { coerceText } from './coerce.ts'
import { findConfigFile, readConfigFile } from './file.ts'
import { platformConfig, type PlatformConfig } from './platform.ts'
import { toProblems, unknownKey, type ConfigProblem } from './problems.ts'
import {
  envNames,
  formatPath,
  isPlainObject,
  leavesOf,
  metaOf,
  schemaAt,
  settingNodes,
} from './schema-tree.ts'

/** All that the loader needs of a capability; every `Capability` is one. */
export interface ConfiguredCapability {
  name: string
  config: z.ZodType
}

export interface LoadConfigOptions {
  /** Where the configuration file is looked for and relative `file` starts. */
  cwd: string
  /** `--config`. Default: MILLRACE_CONFIG, else millrace.config.{ts,mts,js,mjs,json} in `cwd`, else no file. */
  file?: string
  /** Default: none; pass `process.env`. A variable that is set to the empty string counts as not set. */
  env?: Readonly<Record<string, string | undefined>>
  /** Dotted path → value: `{ 'server.port': '4100' }`. Text is read as the setting's type. */
  flags?: Readonly<Record<string, unknown>>
  capabilities: readonly ConfiguredCapability[]
}

export interface LoadedConfig {
  /** Absolute; undefined when there is none. */
  file: string | undefined
  /** Folder of the file, else `cwd`: what relative paths in the configuration start from. */
  folder: string
  /** Validated and complete: platform keys beside one key per capability. `dataDir` is absolute. */
  config: PlatformConfig & Record<string, unknown>
  /** Of each leaf: `default`, `file`, `env:NAME` or `flag`. */
  origins: Record<string, string>
  /** The whole tree's schema. */
  schema: z.ZodType
}

/** The platform's keys and one key per capability; nothing else is accepted. */
export function composeSchema(capabilities: readonly ConfiguredCapability[]): z.ZodType {
  const shape: Record<string, z.ZodType> = { ...platformConfig.shape }
  for (const { name, config } of capabilities) {
    if (Object.hasOwn(shape, name)) {
      const problem = Object.hasOwn(platformConfig.shape, name)
        ? 'its name is a key of the platform’s own configuration'
        : 'two capabilities have this name'
      throw coreErrors.CAPABILITY_INVALID({ name, problem })
    }
    shape[name] = config
  }
  return z.strictObject(shape)
}

/**
 * Merges defaults < file < environment < flags and validates the whole. Throws CORE_CONFIG_INVALID with every problem
 * at once, each with its path, what is accepted and where the value came from; CORE_CONFIG_UNREADABLE when the file
 * cannot be loaded.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const env = options.env ?? {}
  const asked = options.file ?? (env['MILLRACE_CONFIG'] || undefined)
  const file = await findConfigFile(options.cwd, asked)
  const folder = file === undefined ? resolve(options.cwd) : dirname(file)
  const schema = composeSchema(options.capabilities)

  const merge = new Merge(schema)
  if (file !== undefined) merge.addFile(await readConfigFile(file))
  merge.addEnvironment(env)
  merge.addFlags(options.flags ?? {})
  // A capability's own defaults apply although nobody wrote its key.
  for (const { name } of options.capabilities) if (merge.tree[name] === undefined) merge.tree[name] = {}

  const parsed = schema.safeParse(merge.tree)
  if (!parsed.success) {
    const originOf = (path: readonly PropertyKey[]): string => merge.originOf(path.map(String))
    const found = toProblems(schema, merge.tree, parsed.error.issues, originOf)
    // A variable that could not be read was left out of the tree: its own problem says more than "missing".
    const told = new Set(merge.problems.map(({ path }) => path))
    merge.problems.push(...found.filter(({ path }) => !told.has(path)))
  }
  if (merge.problems.length > 0 || !parsed.success) throw configInvalid(merge.problems)

  const config = parsed.data as LoadedConfig['config']
  if (!isAbsolute(config.dataDir)) config.dataDir = resolve(folder, config.dataDir)
  const origins: Record<string, string> = {}
  for (const { path } of leavesOf(schema, config)) origins[path.join('.')] = merge.originOf(path)
  return { file, folder, config, origins, schema }
}

function configInvalid(problems: readonly ConfigProblem[]): Error {
  const lines = problems.map(({ path, message, origin }) =>
    origin === 'default' ? `${path}: ${message}` : `${path}: ${message} (from ${origin})`,
  )
  return coreErrors.CONFIG_INVALID({ problems: lines, settings: [...problems] })
}

/** Deeper than any setting lies. An object that contains itself is taken as it is from here on, for the schema to refuse. */
const MAX_DEPTH = 32

/** The tree before validation, with the source of each value in it. */
class Merge {
  tree: Record<string, unknown> = {}
  readonly problems: ConfigProblem[] = []
  readonly #schema: z.ZodType
  readonly #origins = new Map<string, string>()

  constructor(schema: z.ZodType) {
    this.#schema = schema
  }

  addFile(content: Record<string, unknown>): void {
    this.#copy(content, [])
  }

  #copy(value: unknown, path: readonly string[]): void {
    if (value === undefined) return
    const mayHoldSettings = path.length < MAX_DEPTH && isPlainObject(value)
    if (mayHoldSettings && (path.length === 0 || Object.keys(value).length > 0)) {
      for (const [key, child] of Object.entries(value)) this.#copy(child, [...path, key])
      return
    }
    this.#set(path, value, 'file')
  }

  addEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    for (const { path, meta } of settingNodes(this.#schema)) {
      const name = envNames(meta).find((candidate) => (env[candidate] ?? '') !== '')
      if (name !== undefined) this.#setText(path, env[name]!, `env:${name}`)
    }
  }

  addFlags(flags: Readonly<Record<string, unknown>>): void {
    for (const [dotted, value] of Object.entries(flags)) {
      if (value === undefined) continue
      const path = dotted.split('.')
      if (schemaAt(this.#schema, path) === undefined) {
        const message = unknownKey(this.#schema, knownUpTo(this.#schema, path))
        this.problems.push({ path: dotted, message, origin: 'flag' })
      } else if (typeof value === 'string') this.#setText(path, value, 'flag')
      else this.#set(path, value, 'flag')
    }
  }

  #setText(path: readonly string[], text: string, origin: string): void {
    const schema = schemaAt(this.#schema, path)!
    const read = coerceText(schema, text)
    if (read.ok) {
      this.#set(path, read.value, origin)
      return
    }
    const shown = metaOf(schema).secret === true ? '' : `, got ${JSON.stringify(text)}`
    this.problems.push({ path: formatPath(path), message: `expected ${read.expected}${shown}`, origin })
  }

  #set(path: readonly string[], value: unknown, origin: string): void {
    let at: Record<string, unknown> = this.tree
    for (const key of path.slice(0, -1)) {
      const next = Object.hasOwn(at, key) ? at[key] : undefined
      // A list is addressed by index; anything else that is not an object is replaced by one.
      if (!isPlainObject(next) && !Array.isArray(next)) define(at, key, {})
      at = at[key] as Record<string, unknown>
    }
    define(at, path.at(-1)!, value)
    this.#origins.set(path.join('.'), origin)
  }

  /** Of the value at a path: its own, else the nearest parent's that was set whole, else a part's. */
  originOf(path: readonly string[]): string {
    for (let length = path.length; length > 0; length--) {
      const origin = this.#origins.get(path.slice(0, length).join('.'))
      if (origin !== undefined) return origin
    }
    const prefix = `${path.join('.')}.`
    for (const [known, origin] of this.#origins) if (known.startsWith(prefix)) return origin
    return 'default'
  }
}

/** `__proto__` in a file is a key like any other, not the object's prototype. */
const define = (target: Record<string, unknown>, key: string, value: unknown): void => {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

/** The path up to and including its first unknown key. */
function knownUpTo(schema: z.ZodType, path: readonly string[]): readonly string[] {
  let length = 1
  while (length < path.length && schemaAt(schema, path.slice(0, length)) !== undefined) length++
  return path.slice(0, length)
}
