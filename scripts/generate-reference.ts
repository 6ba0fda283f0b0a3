/**
 * `npm run docs:reference` writes docs/reference from the capabilities themselves; `--check` fails when the committed pages
 * differ, which is how `npm test` keeps them true.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  discoverCapabilities,
  listErrors,
  platformConfig,
  type AnyCapability,
  type ErrorEntry,
} from '@millrace/core'
import { format, resolveConfig } from 'prettier'
import { actionsPage, configurationPage, errorsPage, metricsPage } from './reference/pages.ts'

const root = path.resolve(import.meta.dirname, '..')
const target = path.join(root, 'docs/reference')

async function errorCatalogue(): Promise<ErrorEntry[]> {
  const entries: ErrorEntry[] = []
  const sources = readdirSync(path.join(root, 'packages'))
    .flatMap((name) => [`packages/${name}/src/errors.ts`, `packages/${name}/src/errors/errors.ts`])
    .concat('apps/server/src/errors.ts', 'apps/cli/src/errors.ts')
  for (const source of sources) {
    const file = path.join(root, source)
    const exported = await import(pathToFileURL(file).href).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_MODULE_NOT_FOUND') return {}
      throw error
    })
    for (const value of Object.values(exported as Record<string, unknown>)) {
      if (typeof value === 'object' && value !== null) entries.push(...listErrors(value))
    }
  }
  return entries.sort((a, b) => a.code.localeCompare(b.code))
}

const capabilities: AnyCapability[] = (await discoverCapabilities({ from: root })).map(
  (found) => found.capability,
)
capabilities.sort((a, b) => a.name.localeCompare(b.name))

const pages: Record<string, string> = {
  'configuration.md': configurationPage(platformConfig, capabilities),
  'metrics.md': metricsPage(capabilities),
  'actions.md': actionsPage(capabilities),
  'errors.md': errorsPage(await errorCatalogue()),
}

const check = process.argv.includes('--check')
const stale: string[] = []
mkdirSync(target, { recursive: true })
const options = await resolveConfig(path.join(root, 'README.md'))
for (const [name, content] of Object.entries(pages)) {
  const file = path.join(target, name)
  const text = await format(content, { ...options, parser: 'markdown' })
  if (!check) writeFileSync(file, text)
  else if (readFileSync(file, { encoding: 'utf8', flag: 'a+' }) !== text) stale.push(`docs/reference/${name}`)
}
if (stale.length > 0) {
  console.error(`${stale.join(', ')} is not what the code says. Run: npm run docs:reference`)
  process.exit(1)
}
console.log(
  check
    ? 'docs/reference is what the code says.'
    : `${Object.keys(pages).length} pages written to docs/reference.`,
)
process.exit(0)
