import { resolve } from 'node:path'
import { cliErrors } from '../errors.ts'
import { renderBanner } from '../output/banner.ts'
import { createConsoleLogger } from '../output/console-log.ts'
import { logProgress, textProgress } from '../output/progress.ts'
import { Supervisor } from '../up/platform.ts'
import { readSettings, type PlatformSettings } from '../up/settings.ts'
import { onFault, onStopSignal } from '../up/signals.ts'
import { version } from '../version.ts'
import { globalFlags, type CommandContext, type GlobalOptions } from './global-options.ts'

export interface UpOptions extends GlobalOptions {
  upstream?: string[]
  instances?: string
  port?: string
}

/** Name of an application that comes from the command line. */
const APPLICATION = 'app'

/** Runs until it is told to stop. Resolves with the exit code. */
export async function up(command: string[], options: UpOptions, context: CommandContext): Promise<number> {
  const startedAt = performance.now()
  const settings = await readUpSettings(command, options, context)
  const { terminal } = context
  const json = options.json === true
  const logger = createConsoleLogger({
    level: settings.loaded.config.logLevel,
    format: terminal.interactive && !json ? 'pretty' : 'json',
    color: terminal.color,
    write: terminal.out,
  })
  const say = (text: string): void => {
    if (!json) terminal.out(`${text}\n`)
  }
  for (const error of settings.invalid) logger.error({ code: error.code }, error.message)
  const supervisor = new Supervisor({
    settings,
    logger,
    progress: json ? logProgress(logger) : textProgress(say, terminal.color),
  })

  let [forced, faulty] = [false, false]
  const stopRequested = new Promise<'stop'>((stop) => {
    onFault(
      (error, ends) => {
        faulty ||= ends
        logger.error(
          { err: error },
          ends ? 'the supervisor cannot go on and stops' : 'a fault of the supervisor',
        )
      },
      () => stop('stop'),
    )
    onStopSignal(
      (signal) => {
        say(`\n  Stopping (${signal}). Press Ctrl-C again to end everything at once.`)
        if (json) logger.info({ signal }, 'stopping')
        stop('stop')
      },
      () => {
        forced = true
        supervisor.kill()
        process.exit(130)
      },
    )
  })

  say(`  Millrace ${version}`)
  try {
    const started = await Promise.race([supervisor.start(), stopRequested])
    if (started !== 'stop') {
      const seconds = (performance.now() - startedAt) / 1000
      if (json) {
        const { publicUrl, panelUrl, dataDir, generatedPassword } = started
        // Not under `password`, which the logger hides: this is where it is meant to be read.
        logger.info(
          { publicUrl, panelUrl, dataDir, administrator: 'admin', firstSignIn: generatedPassword },
          'up',
        )
      } else say(renderBanner(started, { seconds, version, color: terminal.color }))
      await stopRequested
    }
  } finally {
    const stoppingAt = performance.now()
    await supervisor.stop()
    if (!forced) say(`  Stopped after ${((performance.now() - stoppingAt) / 1000).toFixed(1)} s.`)
  }
  return faulty ? 1 : 0
}

/** Throws CLI_NOTHING_TO_RUN when neither the command line nor a file names an application. */
export async function readUpSettings(
  command: string[],
  options: UpOptions,
  context: CommandContext,
): Promise<PlatformSettings> {
  const { upstream = [], instances, port } = options
  if (command.length > 0 && upstream.length > 0) {
    throw cliErrors.USAGE({
      problem:
        'A command and --upstream exclude each other: either Millrace starts the application, or it runs already.',
      hint: 'For both, write two applications into millrace.config.ts (millrace init).',
    })
  }
  const flags: Record<string, unknown> = { ...globalFlags(options, context), 'gateway.port': port }
  if (command.length > 0) {
    flags['applications'] = {
      [APPLICATION]: {
        command,
        cwd: resolve(context.cwd),
        ...(instances === undefined ? {} : { instances: toCount(instances) }),
      },
    }
  } else if (upstream.length > 0) {
    flags['applications'] = { [APPLICATION]: { upstreams: upstream.map(toUrl) } }
  }
  const settings = await readSettings({ cwd: context.cwd, file: options.config, env: context.env, flags })
  const { config, folder } = settings.loaded
  const applications = Object.values(config.applications)
  if (applications.length === 0) throw cliErrors.NOTHING_TO_RUN({ folder })
  if (instances !== undefined && command.length === 0) {
    for (const application of applications)
      if (application.command !== undefined) application.instances = toCount(instances)
  }
  return settings
}

function toCount(text: string): number | 'auto' {
  const count = Number(text)
  if (text === 'auto') return 'auto'
  if (Number.isInteger(count) && count >= 1 && count <= 256) return count
  throw cliErrors.USAGE({
    problem: `--instances takes a number from 1 to 256 or auto, not ${JSON.stringify(text)}.`,
    hint: 'Example: millrace up --instances 2 -- node server.js',
  })
}

/** `localhost:4000` and `:4000` are what people type. */
function toUrl(text: string): string {
  if (/^https?:\/\//.test(text)) return text
  if (/^:?\d+$/.test(text)) return `http://127.0.0.1:${text.replace(':', '')}`
  return `http://${text}`
}
