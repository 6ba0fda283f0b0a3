/**
 * `npm run packages:check`: every public package, built and packed as it would be published, must resolve for its users.
 * publint reads the manifest, arethetypeswrong resolves each export the way Node and bundlers do.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '..')
const bin = (name: string): string => path.join(root, 'node_modules/.bin', name)

interface Manifest {
  name: string
  private?: boolean
}

const directories = readdirSync(path.join(root, 'packages')).map((name) => path.join(root, 'packages', name))
const scratch = mkdtempSync(path.join(tmpdir(), 'millrace-pack-'))
const problems: string[] = []
let checked = 0

try {
  for (const directory of directories) {
    const manifest = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as Manifest
    if (manifest.private === true) continue
    checked++
    const { messages } = await publint({ pkgDir: directory, strict: true })
    for (const message of messages) {
      problems.push(`${manifest.name}: ${formatMessage(message, manifest as never) ?? message.code}`)
    }
    const { stdout } = await run(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch],
      {
        cwd: directory,
        timeout: 60_000,
      },
    )
    const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string }>)
    try {
      await run(bin('attw'), [path.join(scratch, packed!.filename), '--profile', 'esm-only'], {
        timeout: 120_000,
      })
    } catch (error) {
      problems.push(`${manifest.name}: ${(error as { stdout?: string }).stdout ?? String(error)}`)
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log(`${checked} packages checked: manifests and types resolve.`)
