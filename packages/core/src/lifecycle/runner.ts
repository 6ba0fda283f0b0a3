import type { AnyCapability } from '../capability/capability.ts'
import type { CapabilityContext } from '../capability/context.ts'
import { backoff, type BackoffOptions } from '../clock/backoff.ts'
import type { Clock } from '../clock/clock.ts'
import type { Logger } from '../logger/logger.ts'
import { settlesWithin } from './deadline.ts'
import { openScope, type Scope } from './scope.ts'

/**
 * `degraded`: runs, but something it depends on does not. `failed`: could not be created; tried again later, unless
 * the platform stops.
 */
export type LifecycleState = 'starting' | 'running' | 'degraded' | 'failed' | 'stopped'

export interface CapabilityStatus {
  capability: AnyCapability
  state: LifecycleState
  /** What `create` resolved with, while there is one. */
  service?: unknown
  /** Why it failed last; undefined once it runs. */
  error?: Error
  /** Calls of `create` so far. */
  attempts: number
  /** Milliseconds since the epoch: last change of state. */
  since: number
  /** Milliseconds since the epoch: when a failed one is tried again. */
  retryAt?: number
}

// Instruments and configuration differ per capability; each `create` is typed where it is defined.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyContext = CapabilityContext<any, any>

export interface RunnerOptions {
  capability: AnyCapability
  makeContext: (capability: AnyCapability) => AnyContext | Promise<AnyContext>
  clock: Clock
  logger: Logger
  retry: BackoffOptions
  onChange: () => void
}

/** Creates one capability, again after failures, and disposes it. */
export class CapabilityRunner {
  readonly status: CapabilityStatus
  readonly #options: RunnerOptions
  readonly #stopping = new AbortController()
  #done: Promise<void> = Promise.resolve()
  #wake: AbortController | undefined
  #scope: Scope | undefined
  #life: AbortController | undefined
  #created = false

  constructor(options: RunnerOptions) {
    this.#options = options
    this.status = {
      capability: options.capability,
      state: 'starting',
      attempts: 0,
      since: options.clock.now(),
    }
  }

  /** Resolves after the first attempt, successful or not; further attempts go on by themselves. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#done = this.#run(resolve)
    })
  }

  /** Tries a failed one now: something it may have been waiting for has come up. */
  retryNow(): void {
    this.#wake?.abort()
  }

  /** Between running and degraded, as its dependencies come and go. */
  setDependenciesUp(up: boolean): void {
    const { state } = this.status
    if (up && state === 'degraded') this.#become('running')
    if (!up && state === 'running') this.#become('degraded')
  }

  async #run(firstAttempt: () => void): Promise<void> {
    const delays = backoff(this.#options.retry)
    while (!this.#stopping.signal.aborted) {
      const created = await this.#attempt()
      firstAttempt()
      if (created) return
      const delayMs = delays.next()
      this.status.retryAt = this.#options.clock.now() + delayMs
      this.#wake = new AbortController()
      const signal = AbortSignal.any([this.#wake.signal, this.#stopping.signal])
      await this.#options.clock.sleep(delayMs, signal).catch(() => undefined)
      this.#wake = undefined
      delete this.status.retryAt
    }
  }

  async #attempt(): Promise<boolean> {
    const { capability, logger } = this.#options
    this.status.attempts++
    const life = new AbortController()
    this.#life = life
    try {
      const context = await this.#options.makeContext(capability)
      const scope = openScope(context)
      this.#scope = scope
      const signal = AbortSignal.any([context.signal, life.signal])
      const { ports, events, jobs } = scope
      const scoped = { ...context, ports, events, jobs, signal }
      this.status.service = (await capability.create(scoped)) as unknown
      this.#created = true
      delete this.status.error
      this.#become('running')
      return true
    } catch (error) {
      life.abort(error)
      this.#scope?.close()
      const before = this.status.error?.message
      this.status.error = error instanceof Error ? error : new Error(String(error))
      // It is tried for as long as the platform runs: the same reason again is no news.
      const level = this.status.error.message === before ? 'debug' : 'error'
      logger[level]({ err: error, capability: capability.name }, 'a capability could not start')
      this.#become('failed')
      return false
    }
  }

  /** Ends retries, waits for a start that is under way, disposes. Never rejects; whether it was in time. */
  async stop(deadlineMs: number): Promise<boolean> {
    this.#stopping.abort()
    const inTime = await settlesWithin(this.#dispose(), deadlineMs, this.#options.clock)
    const { name } = this.#options.capability
    if (!inTime)
      this.#options.logger.warn({ capability: name, deadlineMs }, 'a capability did not stop in time')
    this.#become('stopped')
    return inTime
  }

  async #dispose(): Promise<void> {
    const { capability, logger } = this.#options
    await this.#done
    try {
      this.#life?.abort()
      if (this.#created) await capability.dispose(this.status.service)
    } catch (error) {
      logger.error({ err: error, capability: capability.name }, 'a capability failed to stop')
    } finally {
      delete this.status.service
      this.#scope?.close()
    }
  }

  #become(state: LifecycleState): void {
    if (this.status.state === 'stopped' || (this.status.state === state && state !== 'failed')) return
    this.status.state = state
    this.status.since = this.#options.clock.now()
    this.#options.onChange()
  }
}
