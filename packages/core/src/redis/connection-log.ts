import type { Clock } from '../clock/clock.ts'
import type { Logger } from '../logger/logger.ts'

/** While a server is away every attempt fails: one line tells it, and one more as often as this. */
const REPEAT_MS = 60_000

/** Says when a connection is lost and when it is back, without a line for every attempt in between. */
export class ConnectionLog {
  readonly #logger: Logger
  readonly #clock: Clock
  #told: string | undefined
  #loggedAt = -Infinity

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  changed(ready: boolean): void {
    if (!ready) {
      this.#logger.debug('Redis connection ended')
      return
    }
    if (this.#told === undefined) this.#logger.debug('Redis connection ready')
    else this.#logger.info('Redis connection is back')
    this.#told = undefined
    this.#loggedAt = -Infinity
  }

  /** Only the message: the error of a client may carry the command, and with it a password. */
  failed(error: Error): void {
    const cause = (error as { lastNodeError?: Error }).lastNodeError
    const reason = (cause ?? error).message || error.name
    const now = this.#clock.monotonic()
    // Delays and ports differ from attempt to attempt.
    const kind = reason.replaceAll(/\d+/g, '#')
    if (kind === this.#told && now - this.#loggedAt < REPEAT_MS) return
    this.#told = kind
    this.#loggedAt = now
    this.#logger.warn({ reason }, 'Redis connection failed; trying again')
  }
}
