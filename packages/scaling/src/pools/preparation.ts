import {
  backoffDelay,
  type ApplicationConfig,
  type Clock,
  type ComponentStatus,
  type Logger,
} from '@millrace/core'
import { parseCommand, runCommand, type RunFiles } from '@millrace/core/process'
import { scalingErrors } from '../errors.ts'

export interface PreparationOptions {
  /** Of the application. */
  name: string
  application: ApplicationConfig
  environment: () => Record<string, string | undefined>
  publish: () => Promise<void>
  logger: Logger
  clock: Clock
  runFiles: RunFiles
  signal: AbortSignal
  /** Called once it has succeeded: instances may start. */
  onReady: () => Promise<void>
  onError: (error: unknown) => void
}

/** Runs an application's `prepare` before its first instance starts, and again with growing delays until it succeeds. */
export class Preparation {
  /** Shown as a component while it runs or has failed. */
  status: ComponentStatus | undefined
  readonly #options: PreparationOptions

  constructor(options: PreparationOptions) {
    this.#options = options
  }

  /** Resolves after this attempt and, if it succeeded, after `onReady`. Failures go to `onError`. */
  async attempt(restarts = 0): Promise<void> {
    try {
      await this.#run(restarts)
    } catch (error) {
      if (this.#options.signal.aborted) return
      this.#fail(error as Error, restarts)
      void this.#later(restarts + 1)
      return
    }
    await this.#options.onReady().catch((error: unknown) => {
      if (!this.#options.signal.aborted) this.#options.onError(error)
    })
  }

  /** Throws SCALING_PREPARE_FAILED as long as it has not succeeded: nothing may start before. */
  check(): void {
    if (this.status === undefined) return
    const reason = this.status.lastFailure?.reason ?? 'it is still running'
    throw scalingErrors.PREPARE_FAILED({ pool: this.#options.name, reason })
  }

  async #run(restarts: number): Promise<void> {
    const { application, environment, logger, clock, runFiles, signal } = this.#options
    if (application.prepare === undefined) return
    const id = this.#id
    this.#show({ id, kind: 'instance', state: 'starting', restarts })
    await runCommand({
      command: parseCommand(application.prepare),
      cwd: application.cwd,
      // It is no instance: its few seconds would be a series of their own in every chart.
      env: { ...environment(), MILLRACE_INSTANCE: id, MILLRACE_AGENT: 'off' },
      logger: logger.child({ instance: id }),
      clock,
      runFiles,
      signal,
    })
    this.#show(undefined)
  }

  #fail(cause: Error, restarts: number): void {
    const { name, clock, onError } = this.#options
    const error = scalingErrors.PREPARE_FAILED({ pool: name, reason: cause.message }, cause)
    onError(error)
    const lastFailure = { at: clock.now(), reason: error.message }
    this.#show({ id: this.#id, kind: 'instance', state: 'failed', restarts, lastFailure })
  }

  async #later(restarts: number): Promise<void> {
    const { clock, signal } = this.#options
    await clock
      .sleep(backoffDelay(restarts, { baseMs: 1_000, maxMs: 30_000, jitter: 0.25 }), signal)
      .catch(() => {})
    if (!signal.aborted) await this.attempt(restarts)
  }

  get #id(): string {
    return `${this.#options.name}/prepare`
  }

  #show(status: ComponentStatus | undefined): void {
    this.status = status
    void this.#options.publish()
  }
}
