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

/** The gateway's address. It is the only capability whose settings the supervisor looks at: it prints them. */
export function publicListen(config: LoadedConfig['config']): { host: string; port: number } {
  const gateway = (config['gateway'] ?? {}) as { host?: string; port?: number }
  return { host: gateway.host ?? '127.0.0.1', port: gateway.port ?? 3_000 }
}
