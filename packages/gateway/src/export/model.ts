import type { EngineConfig } from '../config.ts'
import type { BackendEntry, GatewayTable, ListenAddress, PoolEntry, RouteEntry } from '../drivers/driver.ts'
import { nameOf } from '../routing/check-routes.ts'
import type { HealthSettings } from '../health/health-settings.ts'

export const EXPORT_FORMATS = [
  'nginx',
  'ingress',
  'ingress-nginx',
  'gateway-api',
  'aws-target-groups',
  'cloudformation',
] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** What an export is made of: the table that is in force, and the settings around it. */
export interface ExportInput extends ExportSource {
  config: EngineConfig
  listen: Pick<ListenAddress, 'host' | 'port'>
}

/** As much of it as only the supervisor knows. */
export interface ExportSource {
  table: GatewayTable
  /** By pool. Pools that are not checked are absent. */
  health: Readonly<Record<string, HealthSettings>>
}

/** Something that the other system cannot do, or does otherwise. */
export interface NotExported {
  /** `pool 'shop'`, `route '/shop'`, or `settings`. */
  where: string
  what: string
  why: string
}

export interface Exported {
  text: string
  notExported: NotExported[]
}

// What is new in a table is reported by every exporter until one of them says more about it.
const ROUTE: Readonly<Record<string, true>> = {
  prefix: true,
  pool: true,
  stripPrefix: true,
  access: true,
  rateLimit: true,
  host: true,
  methods: true,
  headers: true,
  countries: true,
  split: true,
  mirror: true,
} satisfies { [Key in keyof RouteEntry]?: true }
const POOL: Readonly<Record<string, true>> = {
  name: true,
  balance: true,
  cache: true,
  sticky: true,
  breaker: true,
  outlier: true,
  rateLimit: true,
  backends: true,
} satisfies { [Key in keyof PoolEntry]?: true }
const BACKEND: Readonly<Record<string, true>> = {
  id: true,
  host: true,
  port: true,
  protocol: true,
  weight: true,
  state: true,
  maxConnections: true,
  zone: true,
} satisfies { [Key in keyof BackendEntry]?: true }

/** Collects what is not exported, each once, in the order in which it was met. */
export class Omissions {
  readonly #seen = new Map<string, NotExported>()

  add(where: string, what: string, why: string): void {
    this.#seen.set(JSON.stringify([where, what, why]), { where, what, why })
  }

  /** Fields of the table that no exporter has heard of. */
  addUnknown({ routes, pools }: GatewayTable): void {
    const look = (where: string, entry: object, known: Readonly<Record<string, true>>): void => {
      for (const [field, value] of Object.entries(entry))
        if (value !== undefined && known[field] !== true) this.add(where, field, 'it is not exported')
    }
    for (const route of routes) look(nameOf(route), route, ROUTE)
    for (const pool of pools) {
      look(`pool '${pool.name}'`, pool, POOL)
      for (const backend of pool.backends) look(`backend '${backend.id}'`, backend, BACKEND)
    }
  }

  list(): NotExported[] {
    return [...this.#seen.values()]
  }

  /** As lines of comments, each beginning with `#`; whatever names contain, none ends its line early. */
  comments(): string[] {
    return this.list().map(({ where, what, why }) => `# - ${oneLine(`${where}: ${what}: ${why}`)}`)
  }
}

/** Anything that ends a line somewhere, or is not to be seen, as an escape. */
export const oneLine = (text: string): string =>
  text.replace(
    // oxlint-disable-next-line no-control-regex
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
