import { encodeCounters, type SlotSink } from './chunk-codec.ts'
import { never, SlotRing } from './slot-ring.ts'

/** Deltas, added up per slot. */
export class CounterRing extends SlotRing {
  readonly #values = new Float64Array(this.tier.slotsInMemory).fill(NaN)

  add(slot: number, value: number): boolean {
    const index = this.enter(slot)
    if (index === undefined) return false
    const present = this.#values[index]!
    this.#values[index] = Number.isNaN(present) ? value : present + value
    return true
  }

  protected clear(index: number): void {
    this.#values[index] = NaN
  }
  protected emit(index: number, slot: number, sink: SlotSink): void {
    const value = this.#values[index]!
    if (!Number.isNaN(value)) sink.counter(slot, value)
  }
  protected encodeFrom(start: number): Buffer {
    const values = new Float64Array(this.tier.slotsPerChunk).fill(NaN)
    this.read(start, start + values.length - 1, {
      counter: (slot, value) => (values[slot - start] = value),
      gauge: never,
      histogram: never,
    })
    return encodeCounters(values)
  }
  get bytes(): number {
    return this.#values.byteLength
  }
}
