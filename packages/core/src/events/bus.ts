import type { Logger } from '../logger/logger.ts'

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

export interface EventBus {
  /** Never throws and never waits: a listener that fails is logged and the others still run. */
  emit<Name extends keyof EventMap>(name: Name, event: EventMap[Name]): void
  on<Name extends keyof EventMap>(
    name: Name,
    listener: (event: EventMap[Name]) => void | Promise<void>,
  ): () => void
  /** Every event, for the live stream. */
  onAny(listener: (name: keyof EventMap, event: EventMap[keyof EventMap]) => void): () => void
}

type Listener = (event: never) => void | Promise<void>
type AnyListener = (name: keyof EventMap, event: EventMap[keyof EventMap]) => void

/** The in-process bus: delivery is asynchronous and in order of emission per listener. */
export function createEventBus(logger: Logger): EventBus {
  const listeners = new Map<keyof EventMap, Set<Listener>>()
  const anyListeners = new Set<AnyListener>()
  const guarded = (name: string, run: () => void | Promise<void>): void => {
    queueMicrotask(() => {
      void (async () => run())().catch((error: unknown) => {
        logger.error({ err: error, event: name }, 'an event listener failed')
      })
    })
  }
  return {
    emit: (name, event) => {
      for (const listener of listeners.get(name) ?? []) guarded(name, () => listener(event as never))
      for (const listener of anyListeners) guarded(name, () => listener(name, event))
    },
    on: (name, listener) => {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      set.add(listener as Listener)
      return () => void set.delete(listener as Listener)
    },
    onAny: (listener) => {
      anyListeners.add(listener)
      return () => void anyListeners.delete(listener)
    },
  }
}
