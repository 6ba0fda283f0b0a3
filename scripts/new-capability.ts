import { cp, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CAPABILITY_NAME, platformConfig } from '@millrace/core'
import { format, resolveConfig } from 'prettier'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const template = join(root, 'templates/capability')

/** Segments below /api and verbs of the command line that the platform uses itself. */
const RESERVED = new Set([
  ...Object.keys(platformConfig.shape),
  ...'core testing node api-client react sample auth audit events runtime performance health metrics'.split(
    ' ',
  ),
  ...'admin users tokens openapi up init status password config help version'.split(' '),
])

/** `query-plan` in every spelling that the template's `sample` occurs in. */
export function rewrite(text: string, name: string): string {
  const words = name.split('-')
  const pascal = words.map(capitalised).join('')
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1)
  return text
    .replaceAll('../../packages/core', '../core')
    .replace(/^(\s*)sample\?:/gm, name === camel ? `$1${name}?:` : `$1'${name}'?:`)
    .replace(/\{ sample: \{/g, name === camel ? `{ ${name}: {` : `{ '${name}': {`)
    .replaceAll('millrace_sample_', `millrace_${words.join('_')}_`)
    .replaceAll('SAMPLE', words.join('_').toUpperCase())
    .replaceAll(/\bSample(?=[A-Z])/g, pascal)
    .replaceAll(/\bsample(?=[A-Z])/g, camel)
    .replaceAll(/\bSample\b/g, capitalised(words.join(' ')))
    .replaceAll(/\bsample\b/g, name)
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** What keeps a name from being used, or undefined. */
export async function problemWith(name: string, packages: string): Promise<string | undefined> {
  if (!CAPABILITY_NAME.test(name) || name.endsWith('-') || name.includes('--')) {
    return `'${name}' is not a capability name: lower-case letters, digits and single hyphens, a letter first`
  }
  if (name.length > 30) return `'${name}' has ${name.length} characters; at most 30 are allowed`
  if (RESERVED.has(name)) return `'${name}' is used by the platform itself`
  const taken = await stat(join(packages, name)).then(
    () => true,
    () => false,
  )
  return taken ? `${join(packages, name)} exists already` : undefined
}

/** Copies the template to `<packages>/<name>`, formatted, and returns the folder. */
export async function createCapability(name: string, packages: string): Promise<string> {
  const folder = join(packages, name)
  const style = await resolveConfig(join(root, 'package.json'))
  await mkdir(packages, { recursive: true })
  await cp(template, folder, { recursive: true, errorOnExist: true, force: false })
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const file = join(entry.parentPath, entry.name)
    // A name of another length moves the columns of tables and breaks lines elsewhere.
    const text = await format(rewrite(await readFile(file, 'utf8'), name), { ...style, filepath: file })
    await writeFile(file, text)
    const renamed = rewrite(entry.name, name)
    if (renamed !== entry.name) await rename(file, join(entry.parentPath, renamed))
  }
  return folder
}

async function main(): Promise<void> {
  const [name, ...rest] = process.argv.slice(2)
  if (name === undefined || name.startsWith('-') || (rest.length > 0 && rest[0] !== '--into')) {
    console.error('Usage: npm run new:capability <name> [-- --into <folder>]')
    process.exitCode = 2
    return
  }
  const packages = resolve(rest[1] ?? join(root, 'packages'))
  const problem = await problemWith(name, packages)
  if (problem !== undefined) {
    console.error(`${problem}.`)
    process.exitCode = 1
    return
  }
  const folder = relative(process.cwd(), await createCapability(name, packages))
  console.log(`Made ${folder}. Next:

  1. npm install                                            links it into the workspace
  2. npm run integration -- ${folder}    its conformance test passes from the start
  3. npm run millrace -- ${name} check    while the platform runs: command line, API and panel know it already
  4. docs/contributing/adding-a-capability.md has the rest, beginning with src/config.ts.`)
}

if (import.meta.main) await main()
