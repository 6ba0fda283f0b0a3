import { delimiter, dirname } from 'node:path'
import {
  redisVariables,
  type ApplicationConfig,
  type RedisSettings,
  type TelemetryTarget,
} from '@millrace/core'
import { agentNodeOptions } from '@millrace/node'

/** What the platform adds to the environment of an application's processes; the process manager adds the port. */
export function applicationVariables(
  name: string,
  application: ApplicationConfig,
  options: {
    telemetry: TelemetryTarget
    databases: Record<string, string>
    redis: RedisSettings
    path: string | undefined
  },
): Record<string, string> {
  // An application that names a Redis of its own is not given half of another one.
  const ownRedis = Object.keys(application.env).some((variable) => variable.startsWith('REDIS_'))
  return {
    MILLRACE_SERVICE: name,
    MILLRACE_TELEMETRY_URL: options.telemetry.url,
    MILLRACE_TELEMETRY_TOKEN: options.telemetry.token,
    MILLRACE_LISTEN_HOST: '127.0.0.1',
    // `node` in a command is the Node that runs Millrace, whatever else is installed.
    PATH: [dirname(process.execPath), options.path].filter(Boolean).join(delimiter),
    ...(application.agent ? { NODE_OPTIONS: agentNodeOptions() } : {}),
    ...(ownRedis ? {} : redisVariables(options.redis)),
    ...options.databases,
  }
}
