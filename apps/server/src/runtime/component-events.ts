import type { ComponentStatus, EventBus, RuntimeLink } from '@millrace/core'

/** Tells the bus of every component whose state changed, appeared or went. Returns the way to stop. */
export function announceComponentChanges(runtime: RuntimeLink, events: EventBus): () => void {
  let states = statesOf(runtime.components())
  return runtime.onChange((components) => {
    const now = statesOf(components)
    for (const { id, state, lastFailure } of components) {
      if (states.get(id) === state) continue
      const failed = state === 'failed' || state === 'restarting'
      events.emit('component.changed', {
        id,
        state,
        ...(failed && lastFailure !== undefined ? { reason: lastFailure.reason } : {}),
      })
    }
    for (const id of states.keys()) {
      if (!now.has(id)) events.emit('component.changed', { id, state: 'stopped' })
    }
    states = now
  })
}

const statesOf = (components: readonly ComponentStatus[]): Map<string, string> =>
  new Map(components.map(({ id, state }) => [id, state]))
