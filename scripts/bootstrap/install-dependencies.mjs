import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { nodeBinary, npm, Problem, root, run, say } from './shell.mjs'

const lockFile = path.join(root, 'package-lock.json')
/** npm writes this one last, so it dates a complete installation. */
const installed = path.join(root, 'node_modules/.package-lock.json')
const stamp = path.join(root, 'node_modules/.millrace-lock')

/** `npm ci`, unless node_modules belongs to this package-lock.json already. */
export async function installDependencies() {
  const wanted = createHash('sha256').update(readFileSync(lockFile)).digest('hex')
  if (isCurrent(wanted)) return
  say('  Installing dependencies (npm ci): about a minute the first time')
  const { command, args } = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  const { code, output, seconds } = await run(command, args, { quiet: true, what: 'npm ci' })
  if (code !== 0) {
    throw new Problem(
      `npm ci failed (exit code ${code}):\n\n${output.trim()}\n\n  It needs the npm registry (npm config get registry) and write access to ${root}.`,
    )
  }
  if (!existsSync(nodeBinary)) {
    throw new Problem(
      `npm ci did not install the pinned Node (${nodeBinary}). Its install script must be allowed: npm config set ignore-scripts false.`,
    )
  }
  writeFileSync(stamp, wanted)
  say(`  ✓ Dependencies  ${seconds.toFixed(1)} s`)
}

function isCurrent(wanted) {
  if (!existsSync(installed) || !existsSync(nodeBinary)) return false
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(installed).mtimeMs) {
    return readFileSync(stamp, 'utf8') === wanted
  }
  // Installed by hand: as good, if that was after the last change of the lock file.
  return statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs
}
