import { randomUUID } from 'node:crypto'
import type { ComponentStatus } from '@millrace/core'
import type { Incident } from './schema.ts'

/** Steps kept of one incident; of a component that keeps crashing the first and the latest are the telling ones. */
export const MAX_TIMELINE = 200

export interface IncidentTracker {
  /** What the database knows, before the first `apply`: the latest incident of each component. */
  restore(incidents: readonly Incident[]): void
  /** Compares with the last look and returns the incidents that were opened, continued or closed. */
  apply(components: readonly ComponentStatus[], now: number): Incident[]
  open(): readonly Incident[]
}

const BROKEN = new Set<ComponentStatus['state']>(['restarting', 'failed'])

/**
 * Turns the states of components into incidents. One opens when a component leaves `ready` unplanned: it fails or
 * restarts, or reports a failure it has already recovered from. It closes when the component is ready again, or gone.
 * A planned stop (`draining`, `stopped`) opens none.
 */
export function createIncidentTracker(): IncidentTracker {
  const openByComponent = new Map<string, Incident>()
  /** Time of the newest failure that has its place in an incident, by component. */
  const seenFailure = new Map<string, number>()
  const lastState = new Map<string, ComponentStatus['state']>()

  const step = (incident: Incident, at: number, state: ComponentStatus['state'], message: string): void => {
    const last = incident.timeline.at(-1)
    if (last?.state === state && last.message === message && last.at === at) return
    incident.timeline.push({ at, state, message })
    if (incident.timeline.length > MAX_TIMELINE) incident.timeline.splice(1, 1)
  }

  const observe = (component: ComponentStatus, now: number): Incident | undefined => {
    const { id, kind, state, lastFailure } = component
    const before = lastState.get(id)
    lastState.set(id, state)
    const newFailure = lastFailure !== undefined && lastFailure.at > (seenFailure.get(id) ?? -1)
    const turnedBroken = BROKEN.has(state) && !BROKEN.has(before ?? 'ready')
    let incident = openByComponent.get(id)
    let touched = false

    if (newFailure || (turnedBroken && incident === undefined)) {
      const at = newFailure ? lastFailure.at : now
      const reason = lastFailure?.reason ?? 'left ready without a reason'
      seenFailure.set(id, at)
      if (incident === undefined) {
        incident = {
          id: randomUUID(),
          component: id,
          kind,
          title: `${id}: ${reason}`,
          state: 'open',
          openedAt: at,
          closedAt: null,
          timeline: [],
        }
        openByComponent.set(id, incident)
      }
      step(incident, at, 'failed', reason)
      touched = true
    }
    if (incident === undefined) return undefined
    if (state === 'ready') {
      // The supervisor's time of the return; what was noticed here in between may carry a slightly later one.
      const lastStep = incident.timeline.at(-1)?.at ?? incident.openedAt
      close(incident, Math.max(component.readySince ?? now, lastStep), 'ready', 'ready again')
      return incident
    }
    if (state !== before && state !== 'failed') {
      step(incident, now, state, state)
      touched = true
    }
    return touched ? incident : undefined
  }

  const close = (incident: Incident, at: number, state: ComponentStatus['state'], message: string): void => {
    step(incident, at, state, message)
    incident.state = 'closed'
    incident.closedAt = at
    openByComponent.delete(incident.component)
  }

  return {
    restore: (incidents) => {
      for (const incident of incidents) {
        const failures = incident.timeline.filter(({ state }) => state === 'failed').map(({ at }) => at)
        seenFailure.set(incident.component, Math.max(incident.openedAt, ...failures))
        if (incident.state === 'open') openByComponent.set(incident.component, incident)
      }
    },
    apply: (components, now) => {
      const changed: Incident[] = []
      for (const component of components) {
        const incident = observe(component, now)
        if (incident !== undefined) changed.push(incident)
      }
      const present = new Set(components.map(({ id }) => id))
      for (const [id, incident] of openByComponent) {
        if (present.has(id)) continue
        close(incident, now, 'stopped', 'no longer wanted')
        changed.push(incident)
      }
      for (const id of lastState.keys()) if (!present.has(id)) lastState.delete(id)
      return changed.map((incident) => structuredClone(incident))
    },
    open: () => [...openByComponent.values()],
  }
}
