import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  discoverCapabilities,
  loadConfig,
  orderByDependency,
  readListedCapabilities,
  type DiscoveredCapability,
  type LoadedConfig,
  type MillraceError,
} from '@millrace/core'

/** Configuration and capabilities, as every command that looks at them needs them. */
export interface PlatformSettings {
  loaded: LoadedConfig
  /** In start order. */
  capabilities: DiscoveredCapability[]
  /** Packages that say they are a capability and cannot be used: reported, and the rest runs. */
  invalid: MillraceError[]
}

export interface SettingsOptions {
  cwd: string
  /** `--config` */
  file?: string | undefined
  env: Readonly<Record<string, string | undefined>>
  flags?: Readonly<Record<string, unknown>>
}

/** Throws what `loadConfig` and `discoverCapabilities` throw. */
export async function readSettings(options: SettingsOptions): Promise<PlatformSettings> {
  const { listed, folder } = await readListedCapabilities(options)
  const own = fileURLToPath(import.meta.url)
  const discovered = new Map<string, DiscoveredCapability>()
  const invalid: MillraceError[] = []
  const onInvalid = (error: MillraceError): void => void invalid.push(error)
  for (const found of await discoverCapabilities({ from: own, onInvalid }))
    discovered.set(found.capability.name, found)
  if (listed.length > 0) {
    for (const found of await discoverCapabilities({ from: folder, listed, onInvalid })) {
      if (!discovered.has(found.capability.name)) discovered.set(found.capability.name, found)
    }
  }
  const found = [...discovered.values()]
  const ordered = orderByDependency(found.map(({ capability }) => capability))
  const loaded = await loadConfig({ ...options, capabilities: ordered })
  for (const application of Object.values(loaded.config.applications)) {
    application.cwd = resolve(loaded.folder, application.cwd ?? '.')
  }
  return { loaded, capabilities: ordered.map(({ name }) => discovered.get(name)!), invalid }
}

interface GatewayListeners {
  host?: string
  port?: number
  tls?: { enabled?: boolean; port?: number; publicPort?: number }
  front?: { kind?: string; host?: string; port?: number }
}

const gatewayOf = (config: LoadedConfig['config']): GatewayListeners =>
  (config['gateway'] ?? {}) as GatewayListeners

/** The gateway's address. It is the only capability whose settings the supervisor looks at: it prints them. */
export function publicListen(config: LoadedConfig['config']): { host: string; port: number } {
  const { host = '127.0.0.1', port = 3_000 } = gatewayOf(config)
  return { host, port }
}

export interface SecureListen {
  host: string
  port: number
  /** Where visitors reach it. */
  publicPort: number
  what: string
  setting: string
  env: string
}

/** Where visitors reach the gateway by HTTPS: its own port and that of a front, where they are on. */
export function secureListens(config: LoadedConfig['config']): SecureListen[] {
  const { host } = publicListen(config)
  const { tls, front } = gatewayOf(config)
  const listens: SecureListen[] = []
  if (tls?.enabled === true) {
    const port = tls.port ?? 3_443
    const publicPort = tls.publicPort ?? port
    const what = 'The gateway'
    listens.push({ host, port, publicPort, what, setting: 'gateway.tls.port', env: 'MILLRACE_TLS_PORT' })
  }
  if (front?.kind !== undefined && front.kind !== 'none') {
    const port = front.port ?? 3_443
    listens.push({
      host: front.host ?? '127.0.0.1',
      port,
      publicPort: port,
      what: 'The front of the gateway',
      setting: 'gateway.front.port',
      env: 'MILLRACE_GATEWAY_FRONT_PORT',
    })
  }
  return listens
}
