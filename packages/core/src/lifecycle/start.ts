import type { AnyCapability } from '../capability/capability.ts'
import { orderByDependency } from '../capability/order.ts'
import type { BackoffOptions } from '../clock/backoff.ts'
import { systemClock, type Clock } from '../clock/clock.ts'
import type { Logger } from '../logger/logger.ts'
import { settlesWithin } from './deadline.ts'
import { CapabilityRunner, type AnyContext, type CapabilityStatus } from './runner.ts'

export interface LifecycleOptions {
  logger: Logger
  clock?: Clock
  /** Between two attempts of a capability that fails to start. Default 1 s … 60 s with full jitter. */
  retry?: BackoffOptions
  /**
   * How long a start may hold up those that depend on it. Default 30,000. A later success still counts; until then the
   * state is `starting`.
   */
  startTimeoutMs?: number
}

export interface Lifecycle {
  /** In start order. */
  readonly statuses: readonly Readonly<CapabilityStatus>[]
  get(name: string): Readonly<CapabilityStatus> | undefined
  /** Called after every change of a state; returns the way to stop. */
  onChange(listener: (status: Readonly<CapabilityStatus>) => void): () => void
  /** Disposes in reverse order of dependency, each with its own deadline (default 10,000). Never rejects. */
  stop(options?: { deadlineMs?: number }): Promise<void>
}

/**
 * Starts capabilities, each after those it depends on, independent ones side by side. One that fails does not stop the
 * others: those that depend on it start degraded, and it is tried again with backoff. Resolves when each has had its
 * first attempt. Throws CORE_DEPENDENCY_CYCLE before anything is started.
 */
export async function startCapabilities(
  list: readonly AnyCapability[],
  makeContext: (capability: AnyCapability) => AnyContext | Promise<AnyContext>,
  options: LifecycleOptions,
): Promise<Lifecycle> {
  const { logger, clock = systemClock, startTimeoutMs = 30_000 } = options
  const listeners = new Set<(status: Readonly<CapabilityStatus>) => void>()
  const runners = new Map<string, CapabilityRunner>()
  const dependencies = (capability: AnyCapability): CapabilityRunner[] =>
    (capability.dependsOn ?? []).flatMap((name) => runners.get(name) ?? [])

  const allUp = (capability: AnyCapability): boolean => dependencies(capability).every(isUp)

  const changed = (runner: CapabilityRunner): void => {
    if (runner.status.state === 'running' && !allUp(runner.status.capability)) {
      // Comes back here as degraded, which is what the listeners are told.
      runner.setDependenciesUp(false)
      return
    }
    for (const listener of listeners) listener(runner.status)
    const { name } = runner.status.capability
    for (const other of runners.values()) {
      if (other.status.capability.dependsOn?.includes(name) !== true) continue
      other.setDependenciesUp(allUp(other.status.capability))
      if (isUp(runner)) other.retryNow()
    }
  }

  for (const capability of orderByDependency(list)) {
    const runner: CapabilityRunner = new CapabilityRunner({
      capability,
      makeContext,
      clock,
      logger,
      retry: options.retry ?? {},
      onChange: () => changed(runner),
    })
    runners.set(capability.name, runner)
  }

  const firstAttempts = new Map<string, Promise<boolean>>()
  for (const [name, runner] of runners) {
    const before = dependencies(runner.status.capability).map((dependency) =>
      firstAttempts.get(dependency.status.capability.name)!,
    )
    const attempt = Promise.all(before).then(() => settlesWithin(runner.start(), startTimeoutMs, clock))
    firstAttempts.set(name, attempt)
  }
  await Promise.all(firstAttempts.values())

  let stopped: Promise<void> | undefined
  return {
    statuses: [...runners.values()].map((runner) => runner.status),
    get: (name) => runners.get(name)?.status,
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: ({ deadlineMs = 10_000 } = {}) => (stopped ??= stopAll([...runners.values()], deadlineMs)),
  }
}

// What is only degraded itself still answers its dependents.
const isUp = ({ status }: CapabilityRunner): boolean =>
  status.state === 'running' || status.state === 'degraded'

async function stopAll(runners: readonly CapabilityRunner[], deadlineMs: number): Promise<void> {
  const stops = new Map<string, Promise<unknown>>()
  for (const runner of runners.toReversed()) {
    const { name } = runner.status.capability
    const dependents = runners
      .filter(({ status }) => status.capability.dependsOn?.includes(name) === true)
      .map(({ status }) => stops.get(status.capability.name)!)
    stops.set(
      name,
      Promise.all(dependents).then(() => runner.stop(deadlineMs)),
    )
  }
  await Promise.all(stops.values())
}
