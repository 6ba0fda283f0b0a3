import { Command, CommanderError, Option } from 'commander'
import type { CommandContext, GlobalOptions } from './commands/global-options.ts'
import { cliErrors } from './errors.ts'
import { describeError, renderError } from './output/render-error.ts'
import { version } from './version.ts'

const NEEDED_NODE = 24

/** Runs one command line. Never throws: problems are printed and become the exit code, 1, or 2 for wrong usage. */
export async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  let exitCode = 0
  const program = buildProgram(context, (code) => {
    exitCode = code
  })
  try {
    if (Number(process.versions.node.split('.')[0]) < NEEDED_NODE) {
      throw cliErrors.NODE_TOO_OLD({ version: process.version, needed: String(NEEDED_NODE) })
    }
    const [first = '--help'] = argv
    const known = program.commands.some((command) => command.name() === first)
    if (known || first === 'help' || first.startsWith('-')) {
      await program.parseAsync(argv.length === 0 ? [first] : [...argv], { from: 'user' })
    } else {
      const { callAction } = await import('./commands/call-action.ts')
      await callAction(argv, context)
    }
    return exitCode
  } catch (error) {
    // Commander has printed its own message by then.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const { terminal, env } = context
    if (argv.includes('--json')) terminal.out(`${JSON.stringify({ error: describeError(error) })}\n`)
    else terminal.err(renderError(error, { color: terminal.color, debug: env['MILLRACE_DEBUG'] === '1' }))
    return describeError(error).code === 'CLI_USAGE' ? 2 : 1
  }
}

// Each command's module is loaded when it runs: `--help` must not wait for a database driver.
function buildProgram(context: CommandContext, exit: (code: number) => void): Command {
  const program = new Command('millrace')
    .description('Self-hosted performance and scaling platform for Node.js web applications')
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError('(millrace --help shows what there is)')
    .exitOverride()
    .configureOutput({ writeOut: context.terminal.out, writeErr: context.terminal.err })
    .addHelpText(
      'after',
      `
Every capability adds its actions: millrace <capability> <action> [--key value …]
  millrace capabilities            lists them
  millrace scaling scale --pool app --instances 4

Environment: PORT, MILLRACE_DATA_DIR, MILLRACE_CONFIG, DATABASE_URL, and each setting's own (millrace config print).`,
    )
  const withGlobals = (command: Command): Command =>
    command
      .addOption(new Option('-c, --config <file>', 'configuration file').env('MILLRACE_CONFIG'))
      .option('--data-dir <folder>', 'data directory (MILLRACE_DATA_DIR)')
      .option('--json', 'JSON for programs')
      .exitOverride()

  withGlobals(program.command('up'))
    .description('start applications behind the gateway, with the control plane and the panel')
    .argument('[command...]', 'after --: an application to start; it must listen on PORT ($PORT is replaced)')
    .option('-u, --upstream <url...>', 'front an application that runs already')
    .option('-i, --instances <n>', 'how many instances of the command, or auto')
    .option('-p, --port <port>', 'public port (PORT); default 3000')
    .action(async (command: string[], options) => {
      const { up } = await import('./commands/up.ts')
      exit(await up(command, options, context))
    })
  withGlobals(program.command('init'))
    .description('look at the application here and write a commented millrace.config.ts')
    .option('--force', 'replace an existing file')
    .action(async (options) => {
      const { init } = await import('./commands/init.ts')
      await init(options, context)
    })
  withGlobals(program.command('status'))
    .description('what runs and how it is')
    .action(async (options: GlobalOptions) => {
      const { status } = await import('./commands/status.ts')
      exit(await status(options, context))
    })
  withGlobals(program.command('config').command('print'))
    .description('every setting, its value and where that came from')
    .option('--all', 'also those at their default')
    .action(async (options) => {
      const { printConfig } = await import('./commands/config-print.ts')
      await printConfig(options, context)
    })
  withGlobals(program.command('password'))
    .description('give an administrator a new generated password')
    .argument('[user]', 'name of the user', 'admin')
    .action(async (user: string, options: GlobalOptions) => {
      const { resetPassword } = await import('./commands/password.ts')
      await resetPassword(user, options, context)
    })
  withGlobals(program.command('capabilities'))
    .description('capabilities of the running platform and their actions')
    .action(async (options: GlobalOptions) => {
      const { listCapabilities } = await import('./commands/capabilities.ts')
      await listCapabilities(options, context)
    })
  return program
}
