import type { DeadLetter, DeadLetters } from './dead-letters.ts'

/** What a queue does with a dead letter that is to be tried again. */
export interface RetryQueue {
  /**
   * Takes room for it and writes it down; resolves with its bytes.
   * @throws CACHE_WRITE_QUEUE_FULL, CACHE_JOURNAL_UNWRITABLE, CACHE_CLOSED
   */
  journaled(letter: DeadLetter): Promise<number>
  /** Undoes that. */
  refused(sequence: number, bytes: number): void
  entered(letter: DeadLetter, bytes: number): void
}

/** Takes dead letters back into the queue, or gives them up for good; one request for each at a time. */
export class Retries {
  readonly #dead: DeadLetters
  readonly #queue: RetryQueue
  readonly #busy = new Set<number>()

  constructor(dead: DeadLetters, queue: RetryQueue) {
    this.#dead = dead
    this.#queue = queue
  }

  list(): DeadLetter[] {
    return this.#dead.list()
  }

  /**
   * With its own sequence number and token. False when there is none of that number.
   * @throws CACHE_WRITE_QUEUE_FULL, CACHE_JOURNAL_UNWRITABLE, CACHE_CLOSED: it is still a dead letter
   */
  retry(sequence: number): Promise<boolean> {
    return this.#alone(sequence, async (letter) => {
      const bytes = await this.#queue.journaled(letter)
      try {
        // In this order: a process that dies in between finds both, and takes it for a dead letter.
        await this.#dead.remove(sequence)
      } catch (error) {
        this.#queue.refused(sequence, bytes)
        throw error
      }
      this.#queue.entered(letter, bytes)
    })
  }

  discard(sequence: number): Promise<boolean> {
    return this.#alone(sequence, () => this.#dead.remove(sequence))
  }

  /** False: there is no such letter, or somebody is at it already. */
  async #alone(sequence: number, task: (letter: DeadLetter) => Promise<void>): Promise<boolean> {
    const letter = this.#dead.get(sequence)
    if (letter === undefined || this.#busy.has(sequence)) return false
    this.#busy.add(sequence)
    try {
      await task(letter)
    } finally {
      this.#busy.delete(sequence)
    }
    return true
  }
}
