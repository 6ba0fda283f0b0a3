import type { BackendSocket } from './backend-socket.ts'
import type { SectionLimits } from './field-section.ts'

/** What the connections to one backend share. */
export interface WireSettings {
  readonly host: string
  readonly port: number
  readonly connectMs: number
  readonly responseMs: number
  readonly idleMs: number
  readonly keepAliveMs: number
  readonly head: SectionLimits
}

/** What a connection tells those it belongs to. */
export interface SocketOwner {
  readonly settings: WireSettings
  /** Milliseconds; as old as the last sweep, and behind where the process stood still. */
  readonly now: number
  connected(socket: BackendSocket): void
  /** It can carry another request. */
  idle(socket: BackendSocket): void
  closed(socket: BackendSocket, error: Error | undefined): void
}
