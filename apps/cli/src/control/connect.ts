import { resolve } from 'node:path'
import { createClient, type Client } from '@millrace/api-client'
import { processExists } from '@millrace/core/process'
import type { CommandContext, GlobalOptions } from '../commands/global-options.ts'
import { globalFlags } from '../commands/global-options.ts'
import { cliErrors } from '../errors.ts'
import { readControl, type ControlFile } from '../up/data-dir.ts'
import { readSettings } from '../up/settings.ts'

export interface Connection {
  client: Client
  control: ControlFile
  dataDir: string
}

/** Which data directory a command means: the same as `up` would use here. */
export async function findDataDir(options: GlobalOptions, context: CommandContext): Promise<string> {
  if (options.dataDir !== undefined) return resolve(context.cwd, options.dataDir)
  const { loaded } = await readSettings({
    cwd: context.cwd,
    file: options.config,
    env: context.env,
    flags: globalFlags(options, context),
  })
  return loaded.config.dataDir
}

/** Finds the running platform by its data directory. Throws CLI_NOT_RUNNING. */
export async function connect(
  options: GlobalOptions,
  context: CommandContext,
  { timeoutMs = 30_000 }: { timeoutMs?: number } = {},
): Promise<Connection> {
  const dataDir = await findDataDir(options, context)
  const control = readControl(dataDir)
  if (control === undefined || !processExists(control.pid)) throw cliErrors.NOT_RUNNING({ dataDir })
  return { client: createClient({ baseUrl: control.url, token: control.token, timeoutMs }), control, dataDir }
}
