import type { Clock } from '@millrace/core'
import { createTicketKeys, TICKET_ROTATION_MS } from './ticket-keys.ts'

/**
 * What tickets of TLS sessions are encrypted with in all workers, so that a visitor who comes back to another one, or to the
 * successor of one that ended, goes on with the session.
 */
export class TicketRotation {
  readonly #stop: () => void
  #keys = createTicketKeys()

  /** `renewed` is told of new keys (every 12 h). */
  constructor(clock: Clock, renewed: (keys: string) => void, everyMs = TICKET_ROTATION_MS) {
    this.#stop = clock.every(everyMs, () => {
      this.#keys = createTicketKeys()
      renewed(this.keys)
    })
  }

  /** Base64, as it travels to workers. */
  get keys(): string {
    return this.#keys.toString('base64')
  }

  stop(): void {
    this.#stop()
  }
}
