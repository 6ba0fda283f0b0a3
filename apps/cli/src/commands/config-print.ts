import { describeConfig } from '@millrace/core'
import { renderTable } from '../output/table.ts'
import { readSettings } from '../up/settings.ts'
import { globalFlags, type CommandContext, type GlobalOptions } from './global-options.ts'

/** Prints what `up` would use here. Secrets are never shown. */
export async function printConfig(
  options: GlobalOptions & { all?: boolean },
  context: CommandContext,
): Promise<void> {
  const { loaded, invalid } = await readSettings({
    cwd: context.cwd,
    file: options.config,
    env: context.env,
    flags: globalFlags(options, context),
  })
  const { terminal } = context
  const rows = describeConfig(loaded)
  if (options.json === true) {
    terminal.out(`${JSON.stringify({ file: loaded.file ?? null, settings: rows })}\n`)
    return
  }
  for (const error of invalid) terminal.err(`${error.message}\n`)
  const shown = options.all === true ? rows : rows.filter(({ origin }) => origin !== 'default')
  terminal.out(`\n  File  ${loaded.file ?? `none (${loaded.folder})`}\n\n`)
  if (shown.length > 0) {
    const lines = shown.map(({ path, value, origin, env }) => [path, text(value), origin, env.join(', ')])
    terminal.out(renderTable([['SETTING', 'VALUE', 'FROM', 'ENVIRONMENT'], ...lines]))
  }
  if (options.all !== true) {
    terminal.out(`\n  ${rows.length - shown.length} settings at their default are shown with --all.\n`)
  }
  terminal.out('\n')
}

function text(value: unknown): string {
  if (value === undefined) return '(not set)'
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  return shown.length > 60 ? `${shown.slice(0, 59)}…` : shown
}
