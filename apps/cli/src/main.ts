import { run } from './program.ts'
import { processTerminal } from './output/terminal.ts'

const exitCode = await run(process.argv.slice(2), {
  terminal: processTerminal(process.env),
  cwd: process.cwd(),
  env: process.env,
})
// Handles of a forced or failed start must not keep the command waiting.
process.exit(exitCode)
