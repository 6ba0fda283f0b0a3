import { run } from './program.ts'
import { processTerminal } from './output/terminal.ts'

// Node tells the owner of an application without "type" that loading millrace.config.ts took two attempts. It works.
process.removeAllListeners('warning')
process.on('warning', ({ name, message, ...warning }) => {
  if ((warning as { code?: string }).code === 'MODULE_TYPELESS_PACKAGE_JSON') return
  process.stderr.write(`${name}: ${message}\n`)
})

// Whoever read our output may go (`millrace up | head`, a closed terminal); what runs must not go with it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const exitCode = await run(process.argv.slice(2), {
  terminal: processTerminal(process.env),
  cwd: process.cwd(),
  env: process.env,
})
// Handles of a forced or failed start must not keep the command waiting.
process.exit(exitCode)
