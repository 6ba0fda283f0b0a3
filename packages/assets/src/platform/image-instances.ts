import { InstanceBoard, type Instance, type InstanceState, type Logger } from '@millrace/core'

/** The image process as the gateway sees it: one instance, with a new id at every start. */
export class ImageInstances {
  readonly board: InstanceBoard
  readonly #pool: string
  #current: Instance | undefined
  #started = 0

  constructor(pool: string, logger: Logger) {
    this.#pool = pool
    this.board = new InstanceBoard(() => (this.#current === undefined ? [] : [this.#current]), logger)
  }

  /** Names the instance that is about to start. */
  begin(port: number): string {
    const id = `${this.#pool}/${++this.#started}`
    this.#current = { id, pool: this.#pool, host: '127.0.0.1', port, weight: 1, state: 'starting' }
    return id
  }

  /** Resolves when every listener has applied it. */
  async update(state: InstanceState): Promise<void> {
    if (this.#current === undefined || this.#current.state === state) return
    this.#current = { ...this.#current, state }
    await this.board.publish()
  }
}
