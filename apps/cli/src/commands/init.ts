import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFIG_FILE_NAMES } from '@millrace/core'
import { cliErrors } from '../errors.ts'
import type { CommandContext, GlobalOptions } from './global-options.ts'
import { lookAtApplication, type ApplicationGuess } from './look-at-application.ts'

/** Writes a millrace.config.ts for the application here. Throws CLI_FILE_EXISTS unless `force`. */
export async function init(
  options: GlobalOptions & { force?: boolean },
  context: CommandContext,
): Promise<void> {
  const { terminal, cwd } = context
  const existing = CONFIG_FILE_NAMES.map((name) => join(cwd, name)).find((file) => existsSync(file))
  if (existing !== undefined && options.force !== true) throw cliErrors.FILE_EXISTS({ file: existing })
  const guess = lookAtApplication(cwd)
  const file = join(cwd, 'millrace.config.ts')
  writeFileSync(file, renderConfig(guess))
  if (options.json === true) {
    terminal.out(`${JSON.stringify({ file, ...guess })}\n`)
    return
  }
  const kind = guess.framework === undefined ? '' : ` (${guess.framework})`
  terminal.out(
    `  Wrote ${file}\n  Application '${guess.name}'${kind}, started as: ${guess.command ?? '(fill it in)'}, from ${guess.because}\n`,
  )
  for (const note of guess.notes) terminal.out(`  Note: ${note}\n`)
  terminal.out(`\n  Next: millrace up\n`)
}

/** The file's text. It is valid as it stands whenever a command was found. */
export function renderConfig({ name, command, because, notes }: ApplicationGuess): string {
  const comment = [`From ${because}.`, ...notes].map((line) => `      // ${line}\n`).join('')
  return `import type { MillraceConfig } from '@millrace/core'

// Every setting, its default and its environment variable: millrace config print --all
export default {
  applications: {
    ${JSON.stringify(name)}: {
${comment}      // It is started once per instance and must listen on the port in the variable PORT.
      // No shell runs it; $PORT in an argument is replaced.
      command: ${JSON.stringify(command ?? '')},
      // How many copies run; 'auto' is one per CPU.
      instances: 1,
      // A GET that answers below 500 when it serves. Without it, a TCP connection has to do.
      // health: { path: '/health' },
      // Run to its end before the first instance starts, at every start.
      // prepare: 'npm run migrate',
      // A database of that name on Millrace's PostgreSQL, passed as DATABASE_URL.
      // database: ${JSON.stringify(name.replaceAll('-', '_'))},
      // env: { LOG_LEVEL: 'info' },
    },
    // An application that runs already:
    // legacy: { upstreams: ['http://127.0.0.1:8080'], routes: [{ path: '/old' }] },
  },
  gateway: {
    // The public port (PORT). Only this machine can reach it unless host says otherwise.
    port: 3000,
    // host: '0.0.0.0',
  },
  // server: { mount: 'loopback' }, // the panel also at http://localhost:3000/admin, from this machine only
} satisfies MillraceConfig
`
}
