import type { Logger } from '../logger/logger.ts'
import type { Instance, InstanceSource } from './ports.ts'

type Listener = (instances: readonly Instance[]) => Promise<void> | void

/** An `InstanceSource` of whoever has the instances: `publish` resolves when every listener has applied the present list. */
export class InstanceBoard implements InstanceSource {
  readonly #listeners = new Set<Listener>()
  readonly #read: () => readonly Instance[]
  readonly #logger: Logger

  constructor(read: () => readonly Instance[], logger: Logger) {
    this.#read = read
    this.#logger = logger
  }

  list(): readonly Instance[] {
    return this.#read()
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Never rejects: a listener that fails is logged, and nothing here depends on it. */
  async publish(): Promise<void> {
    const list = this.list()
    await Promise.all(
      [...this.#listeners].map(async (listener) => {
        try {
          await listener(list)
        } catch (error) {
          this.#logger.error({ err: error }, 'a change of instances was not applied')
        }
      }),
    )
  }
}
