import { MillraceError, type AnyCapability, type HostContext, type HostPart } from '@millrace/core'
import { cliErrors } from '../errors.ts'
import type { ComponentBoard } from './component-board.ts'
import { failedComponent } from './failed-component.ts'

export interface HostPartsOptions {
  /** In dependency order. */
  capabilities: readonly AnyCapability[]
  context: (capability: AnyCapability) => HostContext<unknown>
  board: ComponentBoard
  onStarting: (capability: AnyCapability) => (outcome?: string) => void
}

/** The parts of capabilities that run in the supervisor, by capability. */
export class HostParts {
  readonly running = new Map<string, HostPart>()
  readonly #options: HostPartsOptions
  readonly #stopping = new AbortController()
  #starting: Promise<void> = Promise.resolve()

  constructor(options: HostPartsOptions) {
    this.#options = options
  }

  /**
   * Starts them one after another. A part that rejects because of its settings (status below 500: a taken port) ends the
   * start; one that fails otherwise is reported as failed and the rest runs without it.
   */
  start(): Promise<void> {
    this.#starting = this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    for (const capability of this.#options.capabilities) {
      if (capability.host === undefined) continue
      if (this.#stopping.signal.aborted) return
      const context = { ...this.#options.context(capability), signal: this.#stopping.signal }
      const done = this.#options.onStarting(capability)
      try {
        const definition = await capability.host()
        const part = await definition.start(context)
        this.running.set(capability.name, part)
        this.#options.board.add(() => part.status())
        done()
      } catch (error) {
        const reason = (error as Error).message
        done(reason)
        if (error instanceof MillraceError && error.status < 500) throw error
        context.logger.error(
          { err: error },
          cliErrors.START_FAILED({ part: capability.title, reason }).message,
        )
        const failed = failedComponent(capability.name, reason, context.clock.now())
        this.#options.board.add(() => [failed])
      }
    }
  }

  /** In reverse, so that the gateway has answered its last request before what it forwards to is stopped. */
  async stop(
    options: { deadlineMs: number },
    onError: (name: string, error: unknown) => void,
  ): Promise<void> {
    this.#stopping.abort(new Error('the platform is stopping'))
    await this.#starting.catch(() => {})
    for (const [name, part] of [...this.running].reverse()) {
      await part.stop(options).catch((error: unknown) => onError(name, error))
    }
  }
}
