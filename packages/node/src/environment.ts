import { hostname } from 'node:os'

export interface AgentSettings {
  url: string
  token: string
  service: string
  instance: string
  /** Where `listen()` without a host binds. Undefined: left alone. */
  listenHost: string | undefined
  /** Report even if the process never listens, queries or counts anything. */
  eager: boolean
  debug: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

// NODE_OPTIONS reaches every Node process below the application's command. Package managers only start it.
const PACKAGE_MANAGER = /(^|[\\/])(npm|npx|yarn|yarnpkg|pnpm|pnpx|corepack|bunx?)(-cli)?(\.[cm]?js)?$/

export const isPackageManager = (script: string | undefined): boolean =>
  script !== undefined && PACKAGE_MANAGER.test(script)

/** Undefined when the agent has nothing to do: no address, switched off, or a package manager. */
export function readSettings(
  environment: Environment,
  script: string | undefined,
): AgentSettings | undefined {
  const url = environment['MILLRACE_TELEMETRY_URL']
  const mode = environment['MILLRACE_AGENT']
  if (url === undefined || url === '' || mode === 'off' || isPackageManager(script)) return undefined
  return {
    url,
    token: environment['MILLRACE_TELEMETRY_TOKEN'] ?? '',
    service: environment['MILLRACE_SERVICE'] ?? environment['npm_package_name'] ?? 'application',
    instance: environment['MILLRACE_INSTANCE'] ?? `${hostname()}:${process.pid}`,
    listenHost: environment['MILLRACE_LISTEN_HOST'] === '' ? undefined : environment['MILLRACE_LISTEN_HOST'],
    eager: mode === 'on',
    debug: environment['MILLRACE_AGENT_DEBUG'] === '1',
  }
}
