import { MetricRegistry } from '@millrace/core/metrics'

const shared = Symbol.for('millrace.agent.registry')

/**
 * One registry per process (per thread), found by symbol: the preloaded agent and the copy of this package that an
 * application imports for its own counters may be two installations.
 */
export function agentRegistry(): MetricRegistry {
  const holder = globalThis as { [shared]?: MetricRegistry }
  holder[shared] ??= new MetricRegistry()
  return holder[shared]
}

const activation = Symbol.for('millrace.agent.activate')

/** Set by the agent: called when the process turns out to be worth reporting. */
export function onActivate(activate: () => void): void {
  ;(globalThis as { [activation]?: () => void })[activation] = activate
}

/** Idempotent; does nothing without an agent. */
export function activate(): void {
  ;(globalThis as { [activation]?: () => void })[activation]?.()
}
