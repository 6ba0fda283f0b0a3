import { backoffDelay, type BackoffOptions } from '@millrace/core'
import type { PendingWrite } from './entry.ts'
import type { BehindLimits, WriteEntry, WriteFailure, WriteOrigin, WriterLimits } from './options.ts'
import { callOrigin, isOriginAway, mayBeOneEntry } from './origin-call.ts'
import type { PendingWrites } from './pending.ts'

export interface DeliveryParts {
  namespace: string
  journalId: string
  pending: PendingWrites
  write: WriteOrigin<unknown>
  limits: WriterLimits
  behind: BehindLimits
  arrived(writes: readonly PendingWrite[]): void
  /** A later write of its key counts now. */
  superseded(write: PendingWrite): void
  /** Takes it out of the queue. False: there is no room for a dead letter, it stays. */
  buried(write: PendingWrite, error: unknown): Promise<boolean>
  failed(error: unknown): void
}

interface Round {
  /** A batch that fails is halved. */
  halving: boolean
  /** Entries that failed alone. */
  alone: number
  before: number
  originToBlame: boolean
  /** So much was in vain that what looks like an origin that is away may be one entry. */
  impatient: boolean
}

/** After so many single entries that failed in a row, the origin is to blame and not they. */
const MAX_FAILED_ALONE = 8
/** Rounds in vain, after which an entry may be to blame for time-outs and lost connections. */
const PATIENCE = 3

/**
 * Brings pending writes to the origin, one batch at a time. A batch that fails is repeated once as it is and then halved
 * until what fails is alone, unless the error says that the origin is away, or everything fails. An entry that fails
 * alone pauses, goes alone from then on, and is given up after `maxAttempts` if others arrived meanwhile; while nothing
 * arrives nothing is given up, however long that takes. An entry with which the origin hangs is found in the same way,
 * once some rounds were in vain, and each of its attempts counts only if others arrived since the one before.
 */
export class Delivery {
  readonly #parts: DeliveryParts
  readonly #stopping = new AbortController()
  #wake: PromiseWithResolvers<void> = Promise.withResolvers<void>()
  #hurry = 0
  #arrived = 0
  /** Rounds in a row in which nothing arrived. */
  #fruitless = 0
  #done: Promise<void> | undefined

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  start(): void {
    this.#done ??= this.#run()
  }

  /** There may be something to do now. */
  wake(): void {
    this.#wake.resolve()
  }

  /** Batches are not waited for until the returned function is called. */
  hurry(): () => void {
    this.#hurry++
    this.wake()
    return () => void this.#hurry--
  }

  /** Ends the call under way. */
  async stop(reason: unknown): Promise<void> {
    this.#stopping.abort(reason)
    this.wake()
    await this.#done
  }

  async #run(): Promise<void> {
    const { pending, behind, limits } = this.#parts
    while (!this.#stopping.signal.aborted) {
      const now = limits.clock.monotonic()
      const ready = pending.ready(now)
      if (ready === 0) await this.#pause(pending.nextAt() - now)
      else if (ready < behind.batchSize && this.#hurry === 0 && this.#fruitless === 0) {
        await this.#pause(behind.batchMs, () => pending.entries >= behind.batchSize || this.#hurry > 0)
        await this.#round()
      } else await this.#round()
    }
  }

  async #round(): Promise<void> {
    const { pending, behind, limits } = this.#parts
    const batch = pending.take(behind.batchSize, limits.clock.monotonic())
    if (batch.length === 0 || this.#stopping.signal.aborted) {
      for (const write of batch) this.#giveBack(write)
      return
    }
    const before = this.#arrived
    const round: Round = {
      halving: this.#fruitless > 0,
      alone: 0,
      before,
      originToBlame: false,
      impatient: this.#fruitless >= PATIENCE,
    }
    const { clean = [], failed = [] } = Object.groupBy(batch, ({ failures }) =>
      failures > 0 ? 'failed' : 'clean',
    )
    if (clean.length > 0) await this.#deliver(clean, round)
    for (const write of failed) await this.#deliver([write], round)
    if (this.#arrived > before) this.#fruitless = 0
    else if (round.originToBlame) {
      await this.#pause(backoffDelay(this.#fruitless++, this.#delays()), () => false)
    }
  }

  async #deliver(batch: readonly PendingWrite[], round: Round): Promise<void> {
    if (round.alone >= MAX_FAILED_ALONE && this.#arrived === round.before) round.originToBlame = true
    if (round.originToBlame) {
      for (const write of batch) this.#giveBack(write)
      return
    }
    let failures: readonly WriteFailure[]
    try {
      failures = await this.#attempt(batch)
    } catch (error) {
      this.#parts.failed(error)
      const isEntry = mayBeOneEntry(error) && (round.impatient || this.#arrived > round.before)
      const away = this.#stopping.signal.aborted || (isOriginAway(error) && !isEntry)
      if (away || (batch.length > 1 && !round.halving)) {
        round.originToBlame = true
        for (const write of batch) {
          write.lastError = messageOf(error)
          this.#giveBack(write)
        }
      } else if (batch.length === 1) {
        round.alone++
        await this.#failedAlone(batch[0]!, { error, hung: isEntry })
      } else {
        const middle = Math.ceil(batch.length / 2)
        await this.#deliver(batch.slice(0, middle), round)
        await this.#deliver(batch.slice(middle), round)
      }
      return
    }
    await this.#settle(batch, failures)
  }

  #attempt(batch: readonly PendingWrite[]): Promise<readonly WriteFailure[]> {
    const { namespace, journalId, write, limits } = this.#parts
    const entries = batch.map((write): WriteEntry => {
      const { id, operation, value, sequence, at } = write
      const token = `${journalId}:${sequence}`
      return { namespace, id, operation, value, sequence, token, at, attempt: ++write.attempts }
    })
    return callOrigin(write, entries, limits, this.#stopping.signal)
  }

  async #settle(batch: readonly PendingWrite[], failures: readonly WriteFailure[]): Promise<void> {
    const failed = new Map(failures.map((failure) => [failure.sequence, failure]))
    const arrived = batch.filter(({ sequence }) => !failed.has(sequence))
    for (const write of arrived) this.#parts.pending.remove(write)
    this.#arrived += arrived.length
    if (arrived.length > 0) this.#parts.arrived(arrived)
    for (const write of batch) {
      const failure = failed.get(write.sequence)
      if (failure === undefined) continue
      this.#parts.failed(failure.error)
      await this.#failedAlone(write, failure)
    }
  }

  async #failedAlone(
    write: PendingWrite,
    { error, permanent = false, hung = false }: Omit<WriteFailure, 'sequence'> & { hung?: boolean },
  ): Promise<void> {
    const { behind, limits } = this.#parts
    const isFirst = write.failures === 0
    const othersArrived = !isFirst && this.#arrived > write.arrivedAtFailure
    if (isFirst || !hung || othersArrived) write.failures++
    if (isFirst || (hung && othersArrived)) write.arrivedAtFailure = this.#arrived
    write.lastError = messageOf(error)
    const hopeless = write.failures >= behind.maxAttempts && othersArrived
    if ((permanent || hopeless) && (await this.#parts.buried(write, error))) return
    write.notBefore = limits.clock.monotonic() + backoffDelay(write.failures - 1, this.#delays())
    this.#giveBack(write)
  }

  #delays(): BackoffOptions {
    const { behind, limits } = this.#parts
    return { baseMs: behind.retryBaseMs, maxMs: behind.retryMaxMs, jitter: 0.5, random: limits.random }
  }

  #giveBack(write: PendingWrite): void {
    if (!this.#parts.pending.giveBack(write)) this.#parts.superseded(write)
  }

  /** Until `ms` are over, we stop, or somebody wakes us and it is `enough`. */
  async #pause(ms: number, enough: () => boolean = () => true): Promise<void> {
    const { clock } = this.#parts.limits
    const timer = new AbortController()
    const over = Number.isFinite(ms)
      ? clock.sleep(Math.max(0, ms), timer.signal).then(
          () => true,
          () => true,
        )
      : new Promise<never>(() => undefined)
    while (!this.#stopping.signal.aborted) {
      const woken = this.#wake.promise.then(() => false)
      if (await Promise.race([over, woken])) break
      this.#wake = Promise.withResolvers<void>()
      if (enough()) break
    }
    timer.abort()
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
