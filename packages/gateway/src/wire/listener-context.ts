import type { RequestHandler } from '../proxy/request-handler.ts'
import type { SectionLimits } from './field-section.ts'
import type { VisitorConnection } from './visitor-connection.ts'

/** What all connections of a listener share. */
export interface ListenerContext {
  readonly handler: RequestHandler
  readonly headLimits: SectionLimits
  readonly bodyBytes: number
  readonly keepAliveFields: string
  /** Milliseconds; as old as the last sweep. */
  now: number
  forget(connection: VisitorConnection): void
}

/** Where a connection is; each has a limit of time but `serving`, which is the backend's affair. */
export type Phase = 'new' | 'idle' | 'head' | 'body' | 'serving' | 'closing'
