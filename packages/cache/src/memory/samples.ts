import type { Clock } from '@millrace/core'
import type { BoundHistogram } from '@millrace/core/metrics'
import type { CacheInstruments } from '../metrics.ts'

/** Of so many writes, one is measured. A power of two. */
const WRITES_PER_SAMPLE = 64

/** How long reads and writes of memory take, by a sample: to measure each would cost more than it takes. */
export class OperationSamples {
  readonly #clock: Clock
  readonly #get: BoundHistogram
  readonly #set: BoundHistogram
  #writes = 0

  constructor(instruments: CacheInstruments, clock: Clock) {
    this.#clock = clock
    this.#get = instruments.operationDuration.with({ tier: 'memory', operation: 'get' })
    this.#set = instruments.operationDuration.with({ tier: 'memory', operation: 'set' })
  }

  read(read: () => unknown): void {
    const startedAt = this.#clock.monotonic()
    read()
    this.#get.record((this.#clock.monotonic() - startedAt) / 1_000)
  }

  /** When the write began, if it is one of the sample; for `stored`. */
  begin(): number | undefined {
    return (++this.#writes & (WRITES_PER_SAMPLE - 1)) === 0 ? this.#clock.monotonic() : undefined
  }

  stored(startedAt: number): void {
    this.#set.record((this.#clock.monotonic() - startedAt) / 1_000)
  }
}
