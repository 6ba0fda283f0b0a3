import type { EventBus } from '../events/bus.ts'
import type { PortMap, Ports } from '../ports/ports.ts'

export interface Scope {
  ports: Ports
  events: EventBus
  /** Withdraws every port and removes every listener that went through this scope. */
  close(): void
}

/**
 * Views of the shared ports and events that remember what was added through them, so that a start that failed half-way
 * can be undone and tried again.
 */
export function openScope(ports: Ports, events: EventBus): Scope {
  const provided = new Set<keyof PortMap>()
  const subscriptions = new Set<() => void>()
  const remember = (unsubscribe: () => void): (() => void) => {
    subscriptions.add(unsubscribe)
    return () => {
      subscriptions.delete(unsubscribe)
      unsubscribe()
    }
  }
  return {
    ports: {
      provide: (name, implementation) => {
        ports.provide(name, implementation)
        provided.add(name)
      },
      withdraw: (name) => {
        provided.delete(name)
        ports.withdraw(name)
      },
      get: (name) => ports.get(name),
      find: (name) => ports.find(name),
    },
    events: {
      emit: (name, event) => events.emit(name, event),
      on: (name, listener) => remember(events.on(name, listener)),
      onAny: (listener) => remember(events.onAny(listener)),
    },
    close: () => {
      for (const name of provided) ports.withdraw(name)
      for (const unsubscribe of subscriptions) unsubscribe()
      provided.clear()
      subscriptions.clear()
    },
  }
}
