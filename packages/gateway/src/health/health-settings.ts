import type { BackendEntry } from '../drivers/driver.ts'

export const CHECK_KINDS = ['http', 'tcp', 'grpc', 'script'] as const
export type CheckKind = (typeof CHECK_KINDS)[number]

/** How one backend is asked. Everything but the time limit has a default. */
export interface ProbeSettings {
  /** Default: `http` with a path, `script` with a command, otherwise `tcp`. */
  kind?: CheckKind | undefined
  path?: string | undefined
  method?: string | undefined
  /** Host header, or `:authority`. */
  host?: string | undefined
  headers?: Readonly<Record<string, string>> | undefined
  /** `200`, `'200-299'`. Default: all below 500. */
  expectedStatuses?: readonly (number | string)[] | undefined
  /** Looked for in the first 64 KiB of the body. */
  bodyIncludes?: string | undefined
  /** gRPC. Default `''`: the server as a whole. */
  service?: string | undefined
  /** Script. */
  command?: string | readonly string[] | undefined
  /** Of the script. */
  cwd?: string | undefined
  /** Default: the backend's. */
  port?: number | undefined
  /** Default: as the backend's protocol says. */
  tls?: boolean | undefined
  /** PEM; default: what the system trusts. */
  caFile?: string | undefined
  serverName?: string | undefined
  timeoutMs: number
}

export interface HealthSettings extends ProbeSettings {
  intervalMs: number
  /** Failures in a row that take a backend out. */
  unhealthyAfter: number
  /** Successes in a row that bring it back. */
  healthyAfter: number
  /** Before the first check. Default `healthy`: it was said to be ready by whoever started it. */
  initial?: 'healthy' | 'unhealthy' | undefined
  /** Failures so soon after a backend appeared do not count, unless it answered once. Default 0. */
  startPeriodMs?: number | undefined
}

export function kindOf({ kind, path, command }: ProbeSettings): CheckKind {
  return kind ?? (path !== undefined ? 'http' : command !== undefined ? 'script' : 'tcp')
}

/** Where a check goes. */
export interface CheckTarget {
  host: string
  port: number
  tls: boolean
  /** `http://[::1]:80` */
  origin: string
}

export function targetOf(backend: BackendEntry, settings: ProbeSettings): CheckTarget {
  const tls = settings.tls ?? backend.protocol === 'https'
  const port = settings.port ?? backend.port
  const host = backend.host.includes(':') ? `[${backend.host}]` : backend.host
  return { host: backend.host, port, tls, origin: `${tls ? 'https' : 'http'}://${host}:${port}` }
}
