import type { EventBus } from '../events/bus.ts'
import type { JobQueue } from '../jobs/queue.ts'
import type { PortMap, Ports } from '../ports/ports.ts'

export interface Scope {
  ports: Ports
  events: EventBus
  jobs: JobQueue
  /**
   * Withdraws every port and removes every listener that went through this scope. Its job handlers fail from then on,
   * so that their jobs are tried again when somebody else handles them.
   */
  close(): void
}

/**
 * Views of the shared ports, events and jobs that remember what was added through them, so that a start that failed half-way
 * can be undone and tried again.
 */
export function openScope({ ports, events, jobs }: Pick<Scope, 'ports' | 'events' | 'jobs'>): Scope {
  let closed = false
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
    jobs: {
      enqueue: (name, data, options) => jobs.enqueue(name, data, options),
      handle: (name, handler) =>
        jobs.handle(name, (data: never, context) => {
          if (closed) throw new Error(`${name} is not handled at present`)
          return handler(data, context)
        }),
      schedule: (name, cron, data) => jobs.schedule(name, cron, data),
      counts: () => jobs.counts(),
      stop: (options) => jobs.stop(options),
    },
    close: () => {
      closed = true
      for (const name of provided) ports.withdraw(name)
      for (const unsubscribe of subscriptions) unsubscribe()
      provided.clear()
      subscriptions.clear()
    },
  }
}
