import { access, readFile, stat } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { coreErrors } from '../errors/errors.ts'
import { isPlainObject } from './schema-tree.ts'

export const CONFIG_FILE_NAMES = [
  'millrace.config.ts',
  'millrace.config.mts',
  'millrace.config.js',
  'millrace.config.mjs',
  'millrace.config.json',
] as const

/** The file asked for (which must exist), or the first of CONFIG_FILE_NAMES in `cwd`, or undefined. */
export async function findConfigFile(cwd: string, asked?: string): Promise<string | undefined> {
  if (asked !== undefined) {
    const file = resolve(cwd, asked)
    if (!(await exists(file))) {
      throw coreErrors.CONFIG_UNREADABLE({ file, reason: 'there is no such file' })
    }
    return file
  }
  for (const name of CONFIG_FILE_NAMES) {
    const file = join(cwd, name)
    if (await exists(file)) return file
  }
  return undefined
}

/** The object a configuration file exports by default; Node imports TypeScript as it stands. */
export async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  const value = extname(file) === '.json' ? await readJson(file) : await importDefault(file)
  if (!isPlainObject(value)) {
    const reason = `it must export a configuration object by default: export default defineConfig({ … })`
    throw coreErrors.CONFIG_UNREADABLE({ file, reason })
  }
  return value
}

/**
 * The `capabilities` that the file or MILLRACE_CAPABILITIES lists, before anything is validated: their schemas are
 * part of what the rest is validated against.
 */
export async function readListedCapabilities(options: {
  cwd: string
  file?: string | undefined
  env?: Readonly<Record<string, string | undefined>>
}): Promise<{ listed: string[]; folder: string }> {
  const env = options.env ?? {}
  const file = await findConfigFile(options.cwd, options.file ?? (env['MILLRACE_CONFIG'] || undefined))
  const folder = file === undefined ? resolve(options.cwd) : dirname(file)
  const fromEnv = env['MILLRACE_CAPABILITIES']
  const value: unknown =
    fromEnv === undefined || fromEnv === ''
      ? file && (await readConfigFile(file))['capabilities']
      : fromEnv.split(',').map((name) => name.trim())
  const listed = Array.isArray(value) ? value.filter((name) => typeof name === 'string' && name !== '') : []
  return { listed: listed as string[], folder }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown
  } catch (error) {
    throw coreErrors.CONFIG_UNREADABLE({ file, reason: reasonOf(error) }, error)
  }
}

const firstImport = new Map<string, number>()

async function importDefault(file: string): Promise<unknown> {
  try {
    // Node never forgets an address: a file that changed since its first import needs another one. The first keeps
    // the plain one, by which module loaders and stack traces know the file.
    const { mtimeMs } = await stat(file)
    const first = firstImport.get(file) ?? mtimeMs
    firstImport.set(file, first)
    const { href } = pathToFileURL(file)
    const url = mtimeMs === first ? href : `${href}?changed=${mtimeMs}`
    const module = (await import(/* @vite-ignore */ url)) as { default?: unknown }
    return await module.default
  } catch (error) {
    throw coreErrors.CONFIG_UNREADABLE({ file, reason: reasonOf(error) }, error)
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
