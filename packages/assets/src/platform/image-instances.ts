import type { Instance, InstanceSource, InstanceState, Logger } from '@millrace/core'

type Listener = (instances: readonly Instance[]) => Promise<void> | void

/** The image process as the gateway sees it: one instance, with a new id at every start. */
export class ImageInstances implements InstanceSource {
  readonly #pool: string
  readonly #logger: Logger
  readonly #listeners = new Set<Listener>()
  #current: Instance | undefined
  #started = 0

  constructor(pool: string, logger: Logger) {
    this.#pool = pool
    this.#logger = logger
  }

  list(): readonly Instance[] {
    return this.#current === undefined ? [] : [this.#current]
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Names the instance that is about to start. */
  begin(port: number): string {
    const id = `${this.#pool}/${++this.#started}`
    this.#current = { id, pool: this.#pool, host: '127.0.0.1', port, weight: 1, state: 'starting' }
    return id
  }

  /** Resolves when every listener has applied it; one that fails is logged. */
  async update(state: InstanceState): Promise<void> {
    if (this.#current === undefined || this.#current.state === state) return
    this.#current = { ...this.#current, state }
    const list = this.list()
    await Promise.all(
      [...this.#listeners].map(async (listener) => {
        try {
          await listener(list)
        } catch (error) {
          this.#logger.error({ err: error }, 'a change of the image process was not applied')
        }
      }),
    )
  }
}
