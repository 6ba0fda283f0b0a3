import type { Logger } from '../logger/logger.ts'
import type { EventBus, EventMap, EventSource } from './bus.ts'

type Listener = (event: never, source: EventSource) => void | Promise<void>
type AnyListener = (name: keyof EventMap, event: EventMap[keyof EventMap], source: EventSource) => void

/** The listeners of one process, and delivery to them: asynchronous, in order of emission per listener. */
export interface Delivery {
  deliver: <Name extends keyof EventMap>(name: Name, event: EventMap[Name], source: EventSource) => void
  on: EventBus['on']
  onAny: EventBus['onAny']
}

export function createDelivery(logger: Logger): Delivery {
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
    deliver: (name, event, source) => {
      for (const listener of listeners.get(name) ?? []) guarded(name, () => listener(event as never, source))
      for (const listener of anyListeners) guarded(name, () => listener(name, event, source))
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
