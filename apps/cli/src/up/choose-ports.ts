import type { LoadedConfig } from '@millrace/core'
import { allocatePort, isPortFree } from '@millrace/core/process'
import { cliErrors } from '../errors.ts'
import type { DataDir } from './data-dir.ts'
import { publicListen, secureListens } from './settings.ts'

export interface ChosenPorts {
  publicUrl: string
  /** By HTTPS; none where that is off, or on a port that is chosen later. */
  secureUrls: string[]
  /** Of the control plane. */
  listen: { host: string; port: number }
}

/**
 * Fails early and clearly when a configured port is taken (CLI_PORT_IN_USE); chooses the ones that are left open. A
 * gateway port of 0 is replaced in `config`, because links need to know it.
 */
export async function choosePorts(config: LoadedConfig['config'], dataDir: DataDir): Promise<ChosenPorts> {
  const { host, port } = publicListen(config)
  if (port === 0) (config['gateway'] as { port: number }).port = await allocatePort()
  else if (!(await isPortFree(port, host))) {
    throw cliErrors.PORT_IN_USE({ port, host, what: 'The gateway', setting: 'gateway.port', env: 'PORT' })
  }
  const secure = secureListens(config)
  for (const { publicPort: _publicPort, ...taken } of secure) {
    if (taken.port !== 0 && !(await isPortFree(taken.port, taken.host))) throw cliErrors.PORT_IN_USE(taken)
  }
  const { server } = config
  if (server.port !== 0 && !(await isPortFree(server.port, server.host))) {
    throw cliErrors.PORT_IN_USE({
      port: server.port,
      host: server.host,
      what: 'The control plane',
      setting: 'server.port',
      env: 'MILLRACE_ADMIN_PORT',
    })
  }
  const listen = { host: server.host, port: server.port || (await keptPort(dataDir, server.host)) }
  dataDir.writePort(listen.port)
  return {
    publicUrl: `http://${displayHost(host)}:${publicListen(config).port}`,
    secureUrls: secure
      .filter(({ publicPort }) => publicPort !== 0)
      .map((one) => `https://${displayHost(one.host)}:${one.publicPort}`),
    listen,
  }
}

async function keptPort(dataDir: DataDir, host: string): Promise<number> {
  const before = dataDir.readPort()
  return before !== undefined && (await isPortFree(before, host)) ? before : allocatePort()
}

/** What a browser on this machine would use. */
export function displayHost(host: string): string {
  if (['127.0.0.1', '0.0.0.0', '::', '::1', ''].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
