import type { PendingWrite } from './entry.ts'

interface Slot {
  /** Handed to the origin; a later write of the key waits until it is back. */
  flying: PendingWrite | undefined
  waiting: PendingWrite | undefined
}

/**
 * What has not arrived, by key, in the order in which keys began to wait. Of each key at most one write is with the
 * origin and one waits, which is the last: that keeps the order per key and lets a burst on one key be one write.
 */
export class PendingWrites {
  readonly #slots = new Map<string, Slot>()
  readonly #bySequence = new Map<number, PendingWrite>()
  #bytes = 0
  #entries = 0

  get entries(): number {
    return this.#entries
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The last write of the key. */
  latest(id: string): PendingWrite | undefined {
    const slot = this.#slots.get(id)
    return slot?.waiting ?? slot?.flying
  }

  /** The write that this one would replace. */
  replaceable(id: string): PendingWrite | undefined {
    return this.#slots.get(id)?.waiting
  }

  bySequence(sequence: number): PendingWrite | undefined {
    return this.#bySequence.get(sequence)
  }

  /** Returns the one that counts no more: the write that this one replaced, or this one when a later one is there. */
  add(write: PendingWrite): PendingWrite | undefined {
    let slot = this.#slots.get(write.id)
    if (slot === undefined) {
      slot = { flying: undefined, waiting: undefined }
      this.#slots.set(write.id, slot)
    }
    const latest = slot.waiting ?? slot.flying
    if (latest !== undefined && latest.sequence > write.sequence) return write
    const replaced = slot.waiting
    slot.waiting = write
    this.#count(write, 1)
    if (replaced !== undefined) this.#count(replaced, -1)
    return replaced
  }

  /** How many could be taken now. */
  ready(now: number): number {
    let ready = 0
    for (const slot of this.#slots.values()) if (isReady(slot, now)) ready++
    return ready
  }

  /** When the next one that pauses may be tried again; Infinity: none pauses. */
  nextAt(): number {
    let next = Infinity
    for (const { flying, waiting } of this.#slots.values()) {
      if (flying === undefined && waiting !== undefined) next = Math.min(next, waiting.notBefore)
    }
    return next
  }

  take(count: number, now: number): PendingWrite[] {
    const taken: PendingWrite[] = []
    for (const slot of this.#slots.values()) {
      if (taken.length >= count) break
      if (!isReady(slot, now)) continue
      slot.flying = slot.waiting!
      slot.waiting = undefined
      taken.push(slot.flying)
    }
    return taken
  }

  /** It has arrived, or was given up. */
  remove(write: PendingWrite): void {
    const slot = this.#slots.get(write.id)
    if (slot?.flying === write) slot.flying = undefined
    else if (slot?.waiting === write) slot.waiting = undefined
    else return
    this.#count(write, -1)
    if (slot.flying === undefined && slot.waiting === undefined) this.#slots.delete(write.id)
  }

  /** It has not arrived and will be tried again in its place. False: a later write of its key counts now. */
  giveBack(write: PendingWrite): boolean {
    const slot = this.#slots.get(write.id)!
    slot.flying = undefined
    if (slot.waiting === undefined) {
      slot.waiting = write
      return true
    }
    this.#count(write, -1)
    return false
  }

  /** Whether nothing up to that sequence number is left. */
  isPast(sequence: number): boolean {
    for (const { flying, waiting } of this.#slots.values()) {
      if (flying !== undefined && flying.sequence <= sequence) return false
      if (waiting !== undefined && waiting.sequence <= sequence) return false
    }
    return true
  }

  /** The oldest acceptance, in milliseconds since the epoch. */
  oldestAt(): number | undefined {
    let oldest: number | undefined
    for (const { flying, waiting } of this.#slots.values()) {
      const at = flying?.at ?? waiting?.at
      if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at
    }
    return oldest
  }

  #count(write: PendingWrite, sign: 1 | -1): void {
    this.#entries += sign
    this.#bytes += sign * write.bytes
    if (sign > 0) this.#bySequence.set(write.sequence, write)
    else this.#bySequence.delete(write.sequence)
  }
}

const isReady = ({ flying, waiting }: Slot, now: number): boolean =>
  flying === undefined && waiting !== undefined && waiting.notBefore <= now
