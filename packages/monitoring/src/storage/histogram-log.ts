import type { HistogramState } from '@millrace/core/metrics'
import { ByteReader, ByteWriter } from './varint.ts'

// More than the whole range of the recorder: a damaged log must not ask for memory.
const MAX_BUCKETS = 1_024

// Decoding half a million slots must not allocate half a million arrays: one buffer, one view of it per length.
const scratch = new Float64Array(MAX_BUCKETS)
const views = new Map<number, Float64Array>()

function viewOf(length: number): Float64Array {
  let view = views.get(length)
  if (view === undefined) views.set(length, (view = scratch.subarray(0, length)))
  return view
}

/**
 * Histograms of slots, one after the other, as bytes: an idle slot takes three, a busy one a few dozen, where an array
 * of numbers would take hundreds. Empty buckets at both ends and the derivable count take none. A slot may occur more
 * than once; its histograms add up.
 */
export class HistogramLog {
  readonly #writer = new ByteWriter()
  #previous = 0

  append(slot: number, { sum, zeroCount, offset, buckets }: HistogramState): void {
    let first = 0
    let end = buckets.length
    while (end > 0 && buckets[end - 1] === 0) end--
    while (first < end && buckets[first] === 0) first++
    const writer = this.#writer
    writer.int(slot - this.#previous)
    this.#previous = slot
    writer.uint(end - first)
    writer.uint(zeroCount)
    if (end === first && zeroCount === 0) return
    writer.double(sum)
    writer.int(offset + first)
    for (let i = first; i < end; i++) writer.uint(buckets[i]!)
  }

  /** Valid until the next `append`. */
  get bytes(): Buffer {
    return this.#writer.view()
  }

  get capacity(): number {
    return this.#writer.capacity
  }
}

/** Calls back in the order of writing; a histogram is only valid during its call. Throws RangeError for damaged bytes. */
export function readHistograms(
  bytes: Uint8Array,
  visit: (slot: number, value: HistogramState) => void,
): void {
  const reader = new ByteReader(bytes)
  let slot = 0
  while (!reader.done) {
    slot += reader.int()
    const length = reader.uint()
    const zeroCount = reader.uint()
    if (length > MAX_BUCKETS) throw new RangeError('the chunk names more buckets than there are')
    const idle = length === 0 && zeroCount === 0
    const sum = idle ? 0 : reader.double()
    const offset = idle ? 0 : reader.int()
    const buckets = viewOf(length)
    let count = zeroCount
    for (let i = 0; i < length; i++) count += buckets[i] = reader.uint()
    visit(slot, { count, sum, zeroCount, offset, buckets })
  }
}
