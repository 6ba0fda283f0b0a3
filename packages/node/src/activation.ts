const activation = Symbol.for('millrace.agent.activate')

/**
 * Set by the agent: called when the process turns out to be worth reporting. Found by symbol, because the preloaded
 * agent and the copy of this package that an application imports for its own numbers may be two installations.
 */
export function onActivate(activate: () => void): void {
  ;(globalThis as { [activation]?: () => void })[activation] = activate
}

/** Idempotent; does nothing without an agent. */
export function activate(): void {
  ;(globalThis as { [activation]?: () => void })[activation]?.()
}
