import type { HistogramState } from '@millrace/core/metrics'
import { encodeHistograms, type SlotSink } from './chunk-codec.ts'
import { HistogramLog, readHistograms } from './histogram-log.ts'
import { HistogramSum } from './histogram-sum.ts'
import { SlotRing } from './slot-ring.ts'
import { chunkOf } from './tiers.ts'

/**
 * Histograms, merged per slot. The newest slot is open; the others are bytes, one log per chunk. A late point is
 * appended to its log and merged when it is read.
 */
export class HistogramRing extends SlotRing {
  readonly #logs = new Map<number, HistogramLog>()
  readonly #open = new HistogramSum()
  #openSlot = -1

  add(slot: number, value: HistogramState): boolean {
    if (this.enter(slot) === undefined) return false
    if (slot < this.#openSlot) {
      this.#logOf(slot).append(slot, value)
      return true
    }
    if (slot > this.#openSlot) {
      this.#close()
      this.#openSlot = slot
    }
    this.#open.add(value)
    return true
  }

  #logOf(slot: number): HistogramLog {
    const chunk = chunkOf(this.tier, slot)
    let log = this.#logs.get(chunk)
    if (log === undefined) {
      this.#logs.set(chunk, (log = new HistogramLog()))
      const oldest = chunkOf(this.tier, this.first)
      for (const passed of this.#logs.keys()) if (passed < oldest) this.#logs.delete(passed)
    }
    return log
  }

  #close(): void {
    if (this.#openSlot !== -1) this.#logOf(this.#openSlot).append(this.#openSlot, this.#open)
    this.#open.reset()
    this.#openSlot = -1
  }

  override truncate(slot: number): void {
    this.#close()
    super.truncate(slot)
    for (const [chunk, log] of this.#logs) {
      if ((chunk + 1) * this.tier.slotsPerChunk <= slot + 1) continue
      const kept = new HistogramLog()
      readHistograms(log.bytes, (at, value) => {
        if (at <= slot) kept.append(at, value)
      })
      this.#logs.set(chunk, kept)
    }
  }

  override read(from: number, to: number, sink: SlotSink): void {
    const start = Math.max(from, this.first)
    const end = Math.min(to, this.last)
    for (const [chunk, log] of this.#logs) {
      const first = chunk * this.tier.slotsPerChunk
      if (first > end || first + this.tier.slotsPerChunk <= start) continue
      readHistograms(log.bytes, (slot, value) => {
        if (slot >= start && slot <= end) sink.histogram(slot, value)
      })
    }
    if (this.#openSlot >= start && this.#openSlot <= end) sink.histogram(this.#openSlot, this.#open)
  }

  protected encodeFrom(start: number): Buffer {
    const log = new HistogramLog()
    this.read(start, start + this.tier.slotsPerChunk - 1, {
      counter: () => {},
      gauge: () => {},
      histogram: (slot, value) => log.append(slot - start, value),
    })
    return encodeHistograms(log.bytes)
  }

  // Slots are not places here: logs leave as a whole, and `read` looks at the bounds.
  protected clear(): void {}
  protected emit(): void {}

  get bytes(): number {
    let sum = 256 + 8 * this.#open.buckets.length
    for (const log of this.#logs.values()) sum += 128 + log.capacity
    return sum
  }
}
