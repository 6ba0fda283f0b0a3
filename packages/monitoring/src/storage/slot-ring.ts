import type { SlotSink } from './chunk-codec.ts'
import { chunkOf, type Tier } from './tiers.ts'

/** The newest slots of one series at one resolution. Slots that leave are overwritten; nothing moves. */
export abstract class SlotRing {
  readonly tier: Tier
  /** Chunks that changed since they were last handed to storage. */
  readonly dirty = new Set<number>()
  /** Newest slot written; -1 when none was. */
  last = -1

  constructor(tier: Tier) {
    this.tier = tier
  }

  /** Oldest slot in memory. */
  get first(): number {
    return this.last - this.tier.slotsInMemory + 1
  }

  /** Where a slot lives, after clearing what was passed over on the way to it; undefined when it is too old. */
  protected enter(slot: number): number | undefined {
    const size = this.tier.slotsInMemory
    if (this.last === -1) this.last = slot - size
    if (slot < this.first) return undefined
    const from = Math.max(this.last + 1, slot - size + 1)
    for (let passed = from; passed <= slot; passed++) this.clear(passed % size)
    if (slot > this.last) this.last = slot
    this.dirty.add(chunkOf(this.tier, slot))
    return slot % size
  }

  /** Forgets what lies after a slot: the wall clock was set back. */
  truncate(slot: number): void {
    const size = this.tier.slotsInMemory
    for (let later = Math.max(slot + 1, this.first); later <= this.last; later++) this.clear(later % size)
    if (slot < this.last) this.last = slot
  }

  /** Slots from `from` to `to`, inclusive, as far as they are in memory. */
  read(from: number, to: number, sink: SlotSink): void {
    const end = Math.min(to, this.last)
    for (let slot = Math.max(from, this.first); slot <= end; slot++) {
      this.emit(slot % this.tier.slotsInMemory, slot, sink)
    }
  }

  /** The bytes of a chunk, or undefined when nothing of it is in memory. */
  encode(chunk: number): Buffer | undefined {
    const start = chunk * this.tier.slotsPerChunk
    if (start > this.last || start + this.tier.slotsPerChunk <= this.first) return undefined
    return this.encodeFrom(start)
  }

  protected abstract encodeFrom(start: number): Buffer
  protected abstract clear(index: number): void
  protected abstract emit(index: number, slot: number, sink: SlotSink): void
  abstract get bytes(): number
}

/** For the kinds that a ring of one kind never meets. */
export const never = (): void => {
  throw new TypeError('a ring holds slots of one kind')
}
