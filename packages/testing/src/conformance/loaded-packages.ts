import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

// Runs before everything in the child: notes the npm package of every module that is loaded.
const RECORDER = `
import { registerHooks } from 'node:module'
const seen = new Set()
registerHooks({
  load(url, context, next) {
    const match = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)
    if (match) seen.add(match[1])
    return next(url, context)
  },
})
await import(process.argv[1])
process.stdout.write(JSON.stringify([...seen]))
process.exit()
`

/** npm packages that importing a module loads, in a process of their own. */
export async function loadedPackages(file: string): Promise<string[]> {
  const conditions = import.meta.url.endsWith('.ts') ? ['--conditions=millrace:source'] : []
  const args = [...conditions, '--input-type=module', '--eval', RECORDER, pathToFileURL(file).href]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 })
  return JSON.parse(stdout) as string[]
}
