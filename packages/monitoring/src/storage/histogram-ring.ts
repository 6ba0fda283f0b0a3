import type { HistogramState } from '@millrace/core/metrics'
import { encodeHistograms, type SlotSink } from './chunk-codec.ts'
import { HistogramSum, histogramBytes } from './histogram-sum.ts'
import { never, SlotRing } from './slot-ring.ts'

const IDLE = new HistogramSum()

/** Histograms, merged per slot. */
export class HistogramRing extends SlotRing {
  readonly #slots: (HistogramState | undefined)[] = Array.from({ length: this.tier.slotsInMemory })
  #bytes = 8 * this.tier.slotsInMemory

  add(slot: number, value: HistogramState): boolean {
    const index = this.enter(slot)
    if (index === undefined) return false
    const present = this.#slots[index]
    if (value.count === 0) {
      // Most slots of most routes: one shared object says that the process was alive and idle.
      this.#slots[index] ??= IDLE
      return true
    }
    if (present instanceof HistogramSum && present !== IDLE) {
      this.#bytes -= histogramBytes(present)
      this.#bytes += histogramBytes(present.add(value))
      return true
    }
    const sum = new HistogramSum().add(present ?? IDLE).add(value)
    this.#slots[index] = sum
    this.#bytes += histogramBytes(sum)
    return true
  }

  protected clear(index: number): void {
    const present = this.#slots[index]
    if (present !== undefined && present !== IDLE) this.#bytes -= histogramBytes(present)
    this.#slots[index] = undefined
  }
  protected emit(index: number, slot: number, sink: SlotSink): void {
    const value = this.#slots[index]
    if (value !== undefined) sink.histogram(slot, value)
  }
  protected encodeFrom(start: number): Buffer {
    const found: [number, HistogramState][] = []
    this.read(start, start + this.tier.slotsPerChunk - 1, {
      counter: never,
      gauge: never,
      histogram: (slot, value) => void found.push([slot - start, value]),
    })
    return encodeHistograms(found)
  }
  get bytes(): number {
    return this.#bytes
  }
}
