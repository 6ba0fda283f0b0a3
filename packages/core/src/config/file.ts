import { access, readFile, stat } from 'node:fs/promises'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MillraceError } from '../errors/error.ts'
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

/**
 * The object a configuration file exports by default; Node imports TypeScript as it stands. One whose top-level `await` takes
 * longer than `timeoutMs` (default 30,000) is taken for one that waits for ever.
 */
export async function readConfigFile(file: string, timeoutMs = 30_000): Promise<Record<string, unknown>> {
  const value = extname(file) === '.json' ? await readJson(file) : await importDefault(file, timeoutMs)
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

async function importDefault(file: string, timeoutMs: number): Promise<unknown> {
  try {
    // Node never forgets an address: a file that changed since its first import needs another one. The first keeps
    // the plain one, by which module loaders and stack traces know the file.
    const { mtimeMs } = await stat(file)
    const first = firstImport.get(file) ?? mtimeMs
    firstImport.set(file, first)
    const { href } = pathToFileURL(file)
    const url = mtimeMs === first ? href : `${href}?changed=${mtimeMs}`
    const loading = import(/* @vite-ignore */ url) as Promise<Record<string, unknown>>
    return await inTime(defaultOf(loading), file, timeoutMs)
  } catch (error) {
    if (error instanceof MillraceError) throw error
    const where = locationOf(error, dirname(file))
    throw coreErrors.CONFIG_UNREADABLE({ file, reason: reasonOf(error) + (where && ` (${where})`) }, error)
  }
}

async function defaultOf(loading: Promise<Record<string, unknown>>): Promise<unknown> {
  const module = await loading
  const value = await module['default']
  // Without any `import` or `export` Node takes the file for CommonJS, whose exports are an empty object unless assigned.
  const forgotten = 'module.exports' in module && isPlainObject(value) && Object.keys(value).length === 0
  return forgotten ? undefined : value
}

async function inTime<Value>(loading: Promise<Value>, file: string, timeoutMs: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  // The timer also keeps the process alive, which would otherwise end without a word when there is nothing to wait for.
  const late = new Promise<never>((_resolve, reject) => {
    const reason = `it was not loaded after ${timeoutMs / 1_000} s; does it wait for something?`
    timer = setTimeout(() => reject(coreErrors.CONFIG_UNREADABLE({ file, reason })), timeoutMs)
  })
  try {
    return await Promise.race([loading, late])
  } finally {
    clearTimeout(timer)
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** `millrace.config.ts:12:5`, or `''`: where the stack says it happened, in the file or in one that it imports. */
function locationOf(error: unknown, folder: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  // A syntax error begins with the place; anything else has it in its first frame that is a file.
  const place = /^(?:file:\/\/)?(\/.+|[a-z]:\\.+):(\d+)$/im.exec(stack.split('\n', 1)[0] ?? '')
  const frame = place ?? /(file:\/\/\/[^\s()?]+?)(?:\?[^\s():]*)?:(\d+:\d+)/.exec(stack)
  if (frame?.[1] === undefined) return ''
  const path = frame[1].startsWith('file:') ? fileURLToPath(frame[1]) : frame[1]
  return path.includes('node_modules') ? '' : `${relative(folder, path)}:${frame[2]}`
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
