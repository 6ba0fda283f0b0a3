#!/usr/bin/env node
// A published copy runs dist. A clone runs its sources, which needs the condition that selects them in every package.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = realpathSync(fileURLToPath(import.meta.url))
const source = fileURLToPath(new URL('../src/main.ts', `file://${here}`))

if (here.includes('/node_modules/') || !existsSync(source)) {
  await import('../dist/main.js')
} else {
  const child = spawn(process.execPath, ['--conditions=millrace:source', source, ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  // The child hears a terminal's Ctrl-C itself; a signal sent to this process alone must reach it, too.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
}
