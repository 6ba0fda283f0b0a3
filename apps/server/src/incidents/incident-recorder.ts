import type { Clock, EventBus, Logger, RuntimeLink } from '@millrace/core'
import type { IncidentStore } from './incident-store.ts'
import { createIncidentTracker } from './incident-tracker.ts'
import type { Incident } from './schema.ts'

declare module '@millrace/core' {
  interface EventMap {
    'incident.changed': { id: string; component: string; state: string; title: string }
  }
}

/** How long after a failed write the next attempt is made: the incident may be that very database. */
const RETRY_MS = 2_000

export interface IncidentRecorder {
  /** Reads what is known and begins to watch. */
  start(): Promise<void>
  openCount(): number
  stop(): Promise<void>
}

/** Watches the supervisor's components and keeps their incidents; what cannot be written yet waits in memory. */
export function createIncidentRecorder(options: {
  runtime: RuntimeLink
  store: IncidentStore
  events: EventBus
  clock: Clock
  logger: Logger
}): IncidentRecorder {
  const { runtime, store, events, clock, logger } = options
  const tracker = createIncidentTracker()
  const unsaved = new Map<string, Incident>()
  let writing: Promise<void> | undefined
  let stops: (() => void)[] = []

  const writeAll = async (): Promise<void> => {
    for (const incident of unsaved.values()) {
      try {
        await store.save(incident)
      } catch (error) {
        logger.warn({ err: error, waiting: unsaved.size }, 'an incident could not be stored yet')
        return
      }
      // A newer version may have arrived while this one was written.
      if (unsaved.get(incident.id) === incident) unsaved.delete(incident.id)
    }
  }
  const flush = (): Promise<void> => {
    writing ??= writeAll().finally(() => {
      writing = undefined
    })
    return writing
  }

  const look = (): void => {
    for (const incident of tracker.apply(runtime.components(), clock.now())) {
      unsaved.set(incident.id, incident)
      const { id, component, state, title } = incident
      events.emit('incident.changed', { id, component, state, title })
      const known = { incident: id, component }
      if (state === 'open') logger.warn(known, title)
      else logger.info(known, `${component} is back`)
    }
    if (unsaved.size > 0) void flush()
  }

  return {
    start: async () => {
      tracker.restore(await store.latest())
      // Without a supervisor nothing is known, which is not the same as everything being gone.
      if (runtime.connected && runtime.components().length > 0) look()
      stops = [
        runtime.onChange(look),
        clock.every(RETRY_MS, () => {
          if (unsaved.size > 0) void flush()
        }),
      ]
    },
    openCount: () => tracker.open().length,
    stop: async () => {
      for (const stop of stops) stop()
      if (unsaved.size > 0) await flush()
    },
  }
}
