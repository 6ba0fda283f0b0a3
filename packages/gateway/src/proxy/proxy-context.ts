import type { Logger } from '@millrace/core'
import type { Caching } from '../caching/caching.ts'
import type { EngineConfig } from '../config.ts'
import type { CountrySources } from '../routing/countries.ts'
import type { Regions } from '../regions/regions.ts'
import type { RouteLimits } from '../limits/route-limits.ts'
import type { Mirrors } from '../splitting/mirror.ts'
import type { SplitRecords } from '../splitting/split-records.ts'
import type { ForwardingPolicy } from './request-headers.ts'

/** What every exchange of one engine shares. */
export interface ProxyContext {
  readonly config: EngineConfig
  readonly policy: ForwardingPolicy
  readonly logger: Logger
  readonly accessLog: Logger | undefined
  /** Undefined: everything is forwarded. */
  readonly caching: Caching | undefined
  readonly splits: SplitRecords
  readonly mirrors: Mirrors
  readonly routeLimits: RouteLimits
  /** Where countries are known from; undefined: nowhere. */
  readonly countries: CountrySources | undefined
  /** The port for HTTPS that requests without TLS are sent to; undefined: they are not. */
  redirectPort: number | undefined
  /** Strict-Transport-Security of answers over TLS; undefined: none. */
  readonly hsts: string | undefined
  /** Of the gateway's own, by the present table: taken out of every request. Undefined: there are none. */
  ownCookies: ReadonlySet<string> | undefined
  /** Undefined: there are none. */
  readonly regions: Regions | undefined
  /** No connection is kept alive any more. */
  draining: boolean
}
