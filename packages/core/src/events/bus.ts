import type { Logger } from '../logger/logger.ts'
import { createDelivery } from './delivery.ts'

/**
 * What caches outside of the one that says it are to forget: any of the parts, each on its own. Sent once per purge; whoever
 * holds such a cache acts on what concerns it.
 */
export interface PurgeEvent {
  /** Surrogate keys and tags. */
  tags?: readonly string[]
  /** Of the application's resources, whatever the host: `/products/1`. */
  paths?: readonly string[]
  /** Resources with scheme and host. */
  urls?: readonly string[]
  /** Everything below these addresses: `https://shop.example/images/`. */
  prefixes?: readonly string[]
  all?: boolean
  /** Mark as stale instead of removing: served while it is renewed, or when the origin fails. Default false. */
  soft?: boolean
}

/** Typed events between capabilities. A capability adds its own by declaration merging. */
export interface EventMap {
  'data.changed': { source: string; tags: readonly string[] }
  'deploy.finished': { pool: string; version?: string }
  'scale.changed': { pool: string; from: number; to: number; reason: string }
  'purge.requested': PurgeEvent
  'config.changed': { path: string; actor: string }
  'component.changed': { id: string; state: string; reason?: string }
  'audit.recorded': { action: string; actor: string }
}

/** Whether an event was emitted in this process, or came from another one over a bus that several share. */
export interface EventSource {
  remote: boolean
}

export interface EventBus {
  /** Never throws and never waits: a listener that fails is logged and the others still run. */
  emit<Name extends keyof EventMap>(name: Name, event: EventMap[Name]): void
  on<Name extends keyof EventMap>(
    name: Name,
    listener: (event: EventMap[Name], source: EventSource) => void | Promise<void>,
  ): () => void
  /** Every event, for the live stream. */
  onAny(
    listener: (name: keyof EventMap, event: EventMap[keyof EventMap], source: EventSource) => void,
  ): () => void
}

const LOCAL: EventSource = { remote: false }

/** The in-process bus: delivery is asynchronous and in order of emission per listener. */
export function createEventBus(logger: Logger): EventBus {
  const listeners = createDelivery(logger)
  return {
    emit: (name, event) => listeners.deliver(name, event, LOCAL),
    on: listeners.on,
    onAny: listeners.onAny,
  }
}
