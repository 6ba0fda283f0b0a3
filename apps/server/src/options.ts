import type { AnyCapability, Clock, Logger, PlatformConfig, RuntimeLink } from '@millrace/core'

export interface ServerOptions {
  /** Whatever is to be mounted. The order does not matter. */
  capabilities: readonly AnyCapability[]
  /** The validated tree: platform keys, and one key per capability. */
  config: PlatformConfig & Record<string, unknown>
  /** Where each value came from. Default: nothing is known. */
  origins?: Readonly<Record<string, string>>
  /** PostgreSQL, of a role that may create schemas. */
  databaseUrl: string
  /** Absolute; each capability gets a folder of its name in it. */
  dataDir: string
  /** The gateway's address, for links. */
  publicUrl: string
  /** Bearer token for `POST /v1/metrics`. */
  telemetryToken: string
  /** Bearer token with the role administrator that needs no database. */
  controlToken: string
  logger: Logger
  /** Default: the system's. */
  clock?: Clock
  /** Default: none, which every call says. */
  runtime?: RuntimeLink
  /** The built admin panel. Default: `apps/admin/dist` beside this package. */
  panelDir?: string
}

export interface StartedServer {
  url: string
  /** Of `admin`, at the first start only and unless configured. */
  generatedPassword?: string
}
