import { delimiter, join } from 'node:path'

/** Variables of the supervisor that are not meant for what it starts. */
const WITHHELD = ['MILLRACE_ADMIN_PASSWORD', 'MILLRACE_RUN', 'MILLRACE_DATA_DIR', 'PORT', 'HOST']

export interface InstanceEnvironment {
  /** The supervisor's own, usually `process.env`. */
  inherited: Readonly<Record<string, string | undefined>>
  /** `applications.<name>.env`. */
  configured: Readonly<Record<string, string>>
  /** Telemetry, agent, database, PATH: `HostContext.environment`. */
  platform: Readonly<Record<string, string>>
  cwd: string
}

/**
 * The environment of an application's processes. What the platform adds wins over what is configured, except that
 * NODE_OPTIONS are joined, and programs of the application's own node_modules/.bin are found as npm finds them.
 */
export function applicationEnvironment(from: InstanceEnvironment): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...from.inherited }
  for (const name of WITHHELD) delete env[name]
  Object.assign(env, from.configured, from.platform)
  const nodeOptions = [
    from.configured['NODE_OPTIONS'] ?? from.inherited['NODE_OPTIONS'],
    from.platform['NODE_OPTIONS'],
  ].filter((value) => value !== undefined && value !== '')
  if (nodeOptions.length > 0) env['NODE_OPTIONS'] = nodeOptions.join(' ')
  env['PATH'] = [from.platform['PATH'] ?? env['PATH'], join(from.cwd, 'node_modules', '.bin')]
    .filter((value) => value !== undefined && value !== '')
    .join(delimiter)
  return env
}

/** `$PORT` and `${PORT}` in an argument become the port, for programs that take it only there. */
export function fillPort(command: readonly string[], port: number): string[] {
  return command.map((word) => word.replaceAll(/\$\{PORT\}|\$PORT\b/g, String(port)))
}
