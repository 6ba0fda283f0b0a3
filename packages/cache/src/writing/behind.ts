import { settlesWithin } from '@millrace/core'
import { cacheErrors } from '../errors.ts'
import type { BehindParts, BehindStats } from './behind-types.ts'
import { deadLetter, type DeadLetters } from './dead-letters.ts'
import { Delivery, messageOf } from './delivery.ts'
import { decodeWrite, encodeWrite, pendingWrite, type PendingWrite } from './entry.ts'
import type { Journal } from './journal/journal.ts'
import type { Replay } from './journal/replay.ts'
import { Landings } from './landings.ts'
import { PendingWrites } from './pending.ts'
import { Retries } from './retries.ts'
import { Room } from './room.ts'
import { Sequence } from './sequence.ts'

/** The write-behind queue: journal, pending writes, delivery and dead letters. */
export class WriteBehind {
  readonly retries: Retries
  readonly #parts: BehindParts
  readonly #journal: Journal
  readonly #dead: DeadLetters
  readonly #pending: PendingWrites
  readonly #room: Room
  readonly #sequence: Sequence
  readonly #delivery: Delivery
  readonly #damagedBytes: number
  readonly #count: (outcome: string, by?: number) => void
  readonly #landings: Landings
  /** On their way into the journal. */
  readonly #adding = new Set<Promise<void>>()
  #lastError: string | undefined
  #closed: Promise<{ pending: number }> | undefined

  constructor(parts: BehindParts, journal: Journal, dead: DeadLetters, damagedBytes: number) {
    const { namespace, write, limits, behind, instruments } = parts
    this.#parts = parts
    this.#journal = journal
    this.#dead = dead
    this.#damagedBytes = damagedBytes
    this.#pending = new PendingWrites()
    this.#landings = new Landings((sequence) => this.#pending.isPast(sequence))
    this.#room = new Room({ namespace, ...behind, clock: limits.clock })
    this.#sequence = new Sequence(limits.clock)
    this.#count = (outcome, by = 1) => instruments.writes.with({ namespace, outcome }).add(by)
    this.retries = new Retries(dead, {
      journaled: async (letter) => {
        if (this.#closed !== undefined) throw this.#closedError()
        const payload = encodeWrite(namespace, letter)
        await this.#journaled(payload, letter.sequence)
        return payload.length
      },
      refused: (sequence, bytes) => {
        this.#room.give(bytes)
        this.#journal.settle([sequence])
      },
      entered: (letter, bytes) => {
        this.#enter(pendingWrite({ ...letter, bytes }))
        this.#delivery.wake()
      },
    })
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

  /** Takes up what an earlier process left, and begins to deliver. Once, before anything else. */
  start(replay: Replay): void {
    const { limits, namespace } = this.#parts
    this.#sequence.atLeast(replay.last)
    for (const entry of replay.entries) this.#take(entry.sequence, decodeWrite(entry))
    const facts = { namespace, entries: this.#pending.entries }
    if (facts.entries > 0) limits.logger.info(facts, 'writes of an earlier process are taken up')
    this.#delivery.start()
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
    const adding = this.#add(id, operation, value)
    this.#adding.add(adding)
    await adding.finally(() => this.#adding.delete(adding))
  }

  async #add(id: string, operation: 'set' | 'delete', value: unknown): Promise<void> {
    const { namespace, limits } = this.#parts
    const at = limits.clock.now()
    const payload = encodeWrite(namespace, { id, operation, at, value })
    const bytes = payload.length
    let sequence: number
    try {
      sequence = await this.#journaled(payload)
    } catch (error) {
      this.#count('refused')
      throw error
    }
    this.#count('acknowledged')
    this.#enter(pendingWrite({ sequence, id, operation, value, at, bytes }))
    this.#delivery.wake()
  }

  /** Takes room for it, and writes it down under its own number or the next one. */
  async #journaled(payload: Buffer, own?: number): Promise<number> {
    await this.#room.take(payload.length)
    // Not before there is room: numbers are in the order of the journal.
    const sequence = own ?? this.#sequence.next()
    try {
      await this.#journal.append({ sequence, payload })
      return sequence
    } catch (error) {
      this.#room.give(payload.length)
      throw error
    }
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
    const { sequence, id, attempts } = write
    const token = `${this.#journal.id}:${sequence}`
    if (!(await this.#dead.add(deadLetter(write, { token, diedAt: limits.clock.now(), error })))) return false
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
    const relax = this.#delivery.hurry()
    try {
      return await this.#landings.wait(this.#sequence.last, deadlineMs, this.#parts.limits.clock)
    } finally {
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

  /** Delivers until the deadline; what is left stays in the journal for the next process. */
  close(deadlineMs: number): Promise<{ pending: number }> {
    return (this.#closed ??= this.#close(deadlineMs))
  }

  async #close(deadlineMs: number): Promise<{ pending: number }> {
    const reason = this.#closedError()
    this.#room.close(reason)
    // Whoever is told that a write was accepted need not know that this is closing.
    const { clock } = this.#parts.limits
    const until = clock.monotonic() + deadlineMs
    await settlesWithin(Promise.allSettled(this.#adding), deadlineMs, clock)
    await this.flush(Math.max(0, until - clock.monotonic()))
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
    this.#landings.check()
  }

  #gauge(): void {
    const { instruments, namespace } = this.#parts
    instruments.writesPending.with({ namespace }).set(this.#pending.entries)
  }
}
