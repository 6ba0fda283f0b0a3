import { settlesWithin } from '@millrace/core'
import { cacheErrors } from '../errors.ts'
import type { CacheInstruments } from '../metrics.ts'
import { DeadLetters, type DeadLetter } from './dead-letters.ts'
import { Delivery, messageOf } from './delivery.ts'
import { decodeWrite, encodeWrite, pendingWrite, type PendingWrite } from './entry.ts'
import { Journal } from './journal/journal.ts'
import { MAX_PAYLOAD_BYTES } from './journal/record.ts'
import type { BehindLimits, WriteOrigin, WriterLimits } from './options.ts'
import { PendingWrites } from './pending.ts'
import { Room } from './room.ts'
import { Sequence } from './sequence.ts'

export interface BehindParts {
  namespace: string
  write: WriteOrigin<unknown>
  limits: WriterLimits
  behind: BehindLimits
  instruments: CacheInstruments
  /** The origin holds a write of an earlier process now: what others cached before is outdated. */
  outdated(id: string): void
}

export interface BehindStats {
  /** Acknowledged and not arrived. */
  pending: number
  pendingBytes: number
  /** Milliseconds since the acceptance of the oldest; 0 when nothing is pending. */
  oldestAgeMs: number
  deadLetters: number
  journalBytes: number
  journalFiles: number
  /** Of the oldest journal files, what a disk damaged; 0 unless something is wrong. */
  damagedBytes: number
  /** Why the last call of the origin failed; undefined after a success. */
  lastError: string | undefined
}

/** The write-behind queue: journal, pending writes, delivery and dead letters. */
export class WriteBehind {
  readonly #parts: BehindParts
  readonly #journal: Journal
  readonly #dead: DeadLetters
  readonly #pending: PendingWrites
  readonly #room: Room
  readonly #sequence: Sequence
  readonly #delivery: Delivery
  readonly #damagedBytes: number
  readonly #count: (outcome: string, by?: number) => void
  readonly #landings = new Set<{ until: number; resolve: () => void }>()
  #lastError: string | undefined
  #closed: Promise<{ pending: number }> | undefined

  private constructor(parts: BehindParts, journal: Journal, dead: DeadLetters, damagedBytes: number) {
    const { namespace, write, limits, behind, instruments } = parts
    this.#parts = parts
    this.#journal = journal
    this.#dead = dead
    this.#damagedBytes = damagedBytes
    this.#pending = new PendingWrites()
    this.#room = new Room({ namespace, ...behind, clock: limits.clock })
    this.#sequence = new Sequence(limits.clock)
    this.#count = (outcome, by = 1) => instruments.writes.with({ namespace, outcome }).add(by)
    this.#delivery = new Delivery({
      namespace,
      journalId: journal.id,
      pending: this.#pending,
      write,
      limits,
      behind,
      arrived: (writes) => this.#arrived(writes),
      superseded: (write) => this.#superseded(write),
      buried: (write, error) => this.#bury(write, error),
      failed: (error) => {
        this.#lastError = messageOf(error)
        instruments.writeFailures.with({ namespace }).add()
      },
    })
  }

  /**
   * Locks the journal, takes up what an earlier process left, and begins to deliver.
   * @throws CACHE_JOURNAL_LOCKED, CACHE_JOURNAL_UNWRITABLE
   */
  static async open(parts: BehindParts): Promise<WriteBehind> {
    const { behind, limits, namespace } = parts
    let queue: WriteBehind | undefined
    const payloadOf = (sequence: number): Buffer | undefined => queue?.payloadOf(sequence)
    const { journal, replay } = await Journal.open({ ...behind, payloadOf })
    try {
      const dead = await DeadLetters.open(behind.directory, behind.durability, behind.maxDeadLetters)
      queue = new WriteBehind(parts, journal, dead, replay.damagedBytes)
      queue.#sequence.atLeast(replay.last)
      const facts = { namespace, directory: behind.directory }
      if (replay.damagedBytes > 0) {
        const lost = { ...facts, damagedBytes: replay.damagedBytes }
        limits.logger.error(lost, 'a write-behind journal is damaged: writes may be lost')
      }
      for (const entry of replay.entries) queue.#take(entry.sequence, decodeWrite(entry))
      if (queue.#pending.entries > 0) {
        limits.logger.info(
          { ...facts, entries: queue.#pending.entries },
          'writes of an earlier process are taken up',
        )
      }
      queue.#delivery.start()
      return queue
    } catch (error) {
      await journal.close()
      throw error
    }
  }

  #take(sequence: number, write: PendingWrite | undefined): void {
    // It was buried, and the process died before the journal said so.
    if (this.#dead.has(sequence)) return this.#journal.settle([sequence])
    if (write === undefined) {
      const facts = { namespace: this.#parts.namespace, sequence }
      this.#parts.limits.logger.error(facts, 'an entry of a write-behind journal cannot be read')
      return
    }
    this.#room.add(write.bytes)
    this.#enter(write)
  }

  /**
   * Resolves when the write is as safe as `durability` says.
   * @throws CACHE_VALUE_NOT_SERIALISABLE, CACHE_WRITE_TOO_LARGE, CACHE_WRITE_QUEUE_FULL, CACHE_JOURNAL_UNWRITABLE, CACHE_CLOSED:
   * it was not taken
   */
  async add(id: string, operation: 'set' | 'delete', value: unknown): Promise<void> {
    if (this.#closed !== undefined) throw this.#closedError()
    const { namespace, limits } = this.#parts
    const at = limits.clock.now()
    const payload = encodeWrite(namespace, { id, operation, at, value })
    const bytes = payload.length
    if (bytes > MAX_PAYLOAD_BYTES) {
      throw cacheErrors.WRITE_TOO_LARGE({ namespace, id, bytes, max: MAX_PAYLOAD_BYTES })
    }
    try {
      await this.#room.take(bytes)
    } catch (error) {
      this.#count('refused')
      throw error
    }
    const sequence = this.#sequence.next()
    try {
      await this.#journal.append({ sequence, payload })
    } catch (error) {
      this.#room.give(bytes)
      this.#count('refused')
      throw error
    }
    this.#count('acknowledged')
    this.#enter(pendingWrite({ sequence, id, operation, value, at, bytes }))
    this.#delivery.wake()
  }

  #enter(write: PendingWrite): void {
    const outdated = this.#pending.add(write)
    if (outdated !== undefined) this.#superseded(outdated)
    this.#gauge()
  }

  #superseded(write: PendingWrite): void {
    this.#room.give(write.bytes)
    this.#journal.supersede([write.sequence])
    this.#count('coalesced')
    this.#land()
  }

  #arrived(writes: readonly PendingWrite[]): void {
    const { namespace, limits, instruments } = this.#parts
    this.#lastError = undefined
    this.#journal.settle(writes.map(({ sequence }) => sequence))
    const delay = instruments.writeDelay.with({ namespace })
    for (const { id, at, bytes, replayed } of writes) {
      this.#room.give(bytes)
      delay.record(Math.max(0, limits.clock.now() - at) / 1_000)
      if (replayed) this.#parts.outdated(id)
    }
    this.#count('delivered', writes.length)
    this.#land()
  }

  async #bury(write: PendingWrite, error: unknown): Promise<boolean> {
    const { limits, namespace } = this.#parts
    const { sequence, id, operation, value, at, attempts } = write
    const token = `${this.#journal.id}:${sequence}`
    const diedAt = limits.clock.now()
    const letter = { sequence, token, id, operation, value, at, diedAt, attempts, error: messageOf(error) }
    if (!(await this.#dead.add(letter))) return false
    this.#pending.remove(write)
    this.#journal.settle([sequence])
    this.#room.give(write.bytes)
    this.#count('dead')
    this.#land()
    limits.logger.error(
      { err: error, namespace, id, sequence, attempts },
      'a write was given up: dead letter',
    )
    return true
  }

  payloadOf(sequence: number): Buffer | undefined {
    const write = this.#pending.bySequence(sequence)
    return write === undefined ? undefined : encodeWrite(this.#parts.namespace, write)
  }

  /** The last write of the key that has not arrived. */
  latest(id: string): { operation: 'set' | 'delete'; value: unknown } | undefined {
    return this.#pending.latest(id)
  }

  /** Resolves to true when everything accepted so far has arrived or is a dead letter, to false at the deadline. */
  async flush(deadlineMs: number): Promise<boolean> {
    const until = this.#sequence.last
    if (this.#pending.isPast(until)) return true
    const relax = this.#delivery.hurry()
    const { promise, resolve } = Promise.withResolvers<void>()
    const landing = { until, resolve }
    this.#landings.add(landing)
    try {
      return await settlesWithin(promise, deadlineMs, this.#parts.limits.clock)
    } finally {
      this.#landings.delete(landing)
      relax()
    }
  }

  stats(): BehindStats {
    const oldest = this.#pending.oldestAt()
    return {
      pending: this.#pending.entries,
      pendingBytes: this.#pending.bytes,
      oldestAgeMs: oldest === undefined ? 0 : Math.max(0, this.#parts.limits.clock.now() - oldest),
      deadLetters: this.#dead.size,
      journalBytes: this.#journal.bytes,
      journalFiles: this.#journal.files,
      damagedBytes: this.#damagedBytes,
      lastError: this.#lastError,
    }
  }

  deadLetters(): DeadLetter[] {
    return this.#dead.list()
  }

  /**
   * Puts a dead letter back into the queue, with its own sequence number and token. False when there is none of that number.
   * @throws CACHE_WRITE_QUEUE_FULL, CACHE_JOURNAL_UNWRITABLE: it is still a dead letter
   */
  async retry(sequence: number): Promise<boolean> {
    if (this.#closed !== undefined) throw this.#closedError()
    const letter = this.#dead.get(sequence)
    if (letter === undefined) return false
    const payload = encodeWrite(this.#parts.namespace, letter)
    await this.#room.take(payload.length)
    try {
      await this.#journal.append({ sequence, payload })
    } catch (error) {
      this.#room.give(payload.length)
      throw error
    }
    try {
      // In this order: a process that dies in between finds both, and takes it for a dead letter.
      await this.#dead.remove(sequence)
    } catch (error) {
      this.#room.give(payload.length)
      this.#journal.settle([sequence])
      throw error
    }
    this.#enter(pendingWrite({ ...letter, bytes: payload.length }))
    this.#delivery.wake()
    return true
  }

  /** Gives a dead letter up for good. */
  async discard(sequence: number): Promise<boolean> {
    if (!this.#dead.has(sequence)) return false
    await this.#dead.remove(sequence)
    return true
  }

  /** Delivers until the deadline; what is left stays in the journal for the next process. */
  close(deadlineMs: number): Promise<{ pending: number }> {
    return (this.#closed ??= this.#close(deadlineMs))
  }

  async #close(deadlineMs: number): Promise<{ pending: number }> {
    const reason = this.#closedError()
    this.#room.close(reason)
    await this.flush(deadlineMs)
    await this.#delivery.stop(reason)
    await this.#journal.close()
    await this.#dead.close()
    const pending = this.#pending.entries
    if (pending > 0) {
      const facts = { namespace: this.#parts.namespace, pending }
      this.#parts.limits.logger.warn(facts, 'writes are left in the journal for the next start')
    }
    return { pending }
  }

  #closedError(): Error {
    return cacheErrors.CLOSED({ name: `${this.#parts.namespace} (writer)` })
  }

  #land(): void {
    this.#gauge()
    for (const landing of this.#landings) if (this.#pending.isPast(landing.until)) landing.resolve()
  }

  #gauge(): void {
    const { instruments, namespace } = this.#parts
    instruments.writesPending.with({ namespace }).set(this.#pending.entries)
  }
}
