import { resolve } from 'node:path'
import type { Terminal } from '../output/terminal.ts'

export interface GlobalOptions {
  /** `--config` */
  config?: string
  json?: boolean
  /** `--data-dir` */
  dataDir?: string
}

/** What every command is given besides its own options. */
export interface CommandContext {
  terminal: Terminal
  cwd: string
  env: Readonly<Record<string, string | undefined>>
}

/** Flags that set a configuration value, from those every command has. */
export const globalFlags = ({ dataDir }: GlobalOptions, { cwd }: CommandContext): Record<string, unknown> =>
  dataDir === undefined ? {} : { dataDir: resolve(cwd, dataDir) }
