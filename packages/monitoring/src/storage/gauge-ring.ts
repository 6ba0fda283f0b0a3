import { encodeGaugeRollups, encodeGaugeValues, type GaugeSlot, type SlotSink } from './chunk-codec.ts'
import { never, SlotRing } from './slot-ring.ts'

const PARTS = 5

/** Levels: the last per raw slot; minimum, maximum, sum, count and last per slot of a rollup. */
export class GaugeRing extends SlotRing {
  // Raw slots hold one sample; only rollups need min, max, sum, count and last.
  readonly #parts = this.tier.resolution === 'raw' ? 1 : PARTS
  readonly #values = new Float64Array(this.tier.slotsInMemory * this.#parts).fill(NaN)
  readonly #slot: GaugeSlot = { min: 0, max: 0, sum: 0, count: 0, last: 0 }

  add(slot: number, value: number): boolean {
    return this.addSlot(slot, { min: value, max: value, sum: value, count: 1, last: value })
  }

  addSlot(slot: number, { min, max, sum, count, last }: GaugeSlot): boolean {
    const index = this.enter(slot)
    if (index === undefined) return false
    const values = this.#values
    const at = index * this.#parts
    if (this.#parts === 1) values[at] = last
    else if (Number.isNaN(values[at])) values.set([min, max, sum, count, last], at)
    else {
      values[at] = Math.min(values[at]!, min)
      values[at + 1] = Math.max(values[at + 1]!, max)
      values[at + 2]! += sum
      values[at + 3]! += count
      values[at + 4] = last
    }
    return true
  }

  protected clear(index: number): void {
    this.#values.fill(NaN, index * this.#parts, (index + 1) * this.#parts)
  }
  protected emit(index: number, slot: number, sink: SlotSink): void {
    const values = this.#values
    const at = index * this.#parts
    if (Number.isNaN(values[at])) return
    const single = this.#parts === 1
    this.#slot.min = values[at]!
    this.#slot.max = values[single ? at : at + 1]!
    this.#slot.sum = values[single ? at : at + 2]!
    this.#slot.count = single ? 1 : values[at + 3]!
    this.#slot.last = values[single ? at : at + 4]!
    sink.gauge(slot, this.#slot)
  }
  protected encodeFrom(start: number): Buffer {
    const slots = this.tier.slotsPerChunk
    const values = new Float64Array(slots * this.#parts).fill(NaN)
    this.read(start, start + slots - 1, {
      counter: never,
      histogram: never,
      gauge: (slot, { min, max, sum, count, last }) => {
        const i = slot - start
        values[i] = min
        if (this.#parts === 1) return
        values[slots + i] = max
        values[2 * slots + i] = sum
        values[3 * slots + i] = count
        values[4 * slots + i] = last
      },
    })
    return this.#parts === 1 ? encodeGaugeValues(values) : encodeGaugeRollups(values)
  }
  get bytes(): number {
    return this.#values.byteLength
  }
}
