import type { Logger } from '@millrace/core'
import type { Caching } from '../caching/caching.ts'
import type { EngineConfig } from '../config.ts'
import type { ForwardingPolicy } from './request-headers.ts'

/** What every exchange of one engine shares. */
export interface ProxyContext {
  readonly config: EngineConfig
  readonly policy: ForwardingPolicy
  readonly logger: Logger
  readonly accessLog: Logger | undefined
  /** Undefined: everything is forwarded. */
  readonly caching: Caching | undefined
  /** No connection is kept alive any more. */
  draining: boolean
}
