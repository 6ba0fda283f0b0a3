import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { HistogramState } from '@millrace/core/metrics'
import { readHistograms } from './histogram-log.ts'

/** What one slot of a gauge keeps. */
export interface GaugeSlot {
  min: number
  max: number
  sum: number
  count: number
  last: number
}

/** Receives the slots of a chunk or of the memory, in ascending order. Values are only valid during the call. */
export interface SlotSink {
  counter(slot: number, value: number): void
  gauge(slot: number, value: GaugeSlot): void
  histogram(slot: number, value: HistogramState): void
}

// First byte of a chunk. New formats get new numbers; these are stored for good.
const COUNTERS = 1
const GAUGE_VALUES = 2
const GAUGE_ROLLUPS = 3
const HISTOGRAMS = 4

// A chunk is a few kilobytes: with the default window, setting up its 256 KiB would take longer than deflating.
const DEFLATE = { level: 1, windowBits: 12, memLevel: 4 }

// More than any tier's chunk: a damaged one must not ask for memory.
const MAX_INFLATED = 1 << 20

/**
 * Byte k of every number, then byte k+1: neighbours in a series share sign, exponent and leading digits, which deflate
 * finds only when they stand beside each other (the byte shuffle of HDF5 and Blosc).
 */
function shuffle(bytes: Uint8Array): Buffer {
  const shuffled = Buffer.allocUnsafe(bytes.length)
  let at = 0
  for (let k = 0; k < 8; k++) for (let i = k; i < bytes.length; i += 8) shuffled[at++] = bytes[i]!
  return shuffled
}

function unshuffle(bytes: Uint8Array): Float64Array {
  const count = bytes.length / 8
  const plain = new Uint8Array(bytes.length)
  for (let i = 0; i < count; i++) for (let k = 0; k < 8; k++) plain[i * 8 + k] = bytes[k * count + i]!
  return new Float64Array(plain.buffer)
}

function encodeNumbers(format: number, values: Float64Array): Buffer {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return Buffer.concat([Buffer.of(format), deflateRawSync(shuffle(bytes), DEFLATE)])
}

/** One number per slot of a chunk, NaN where there is none. */
export const encodeCounters = (values: Float64Array): Buffer => encodeNumbers(COUNTERS, values)
export const encodeGaugeValues = (values: Float64Array): Buffer => encodeNumbers(GAUGE_VALUES, values)
/** min, max, sum, count and last of every slot, one array after the other; NaN where there is none. */
export const encodeGaugeRollups = (values: Float64Array): Buffer => encodeNumbers(GAUGE_ROLLUPS, values)

/** The bytes of a `HistogramLog`. */
export const encodeHistograms = (log: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(HISTOGRAMS), deflateRawSync(log, DEFLATE)])

function readGauges(values: Float64Array, parts: number, sink: SlotSink): void {
  const slots = values.length / parts
  const slot: GaugeSlot = { min: 0, max: 0, sum: 0, count: 0, last: 0 }
  for (let i = 0; i < slots; i++) {
    const first = values[i]!
    if (Number.isNaN(first)) continue
    slot.min = first
    slot.max = parts === 1 ? first : values[slots + i]!
    slot.sum = parts === 1 ? first : values[2 * slots + i]!
    slot.count = parts === 1 ? 1 : values[3 * slots + i]!
    slot.last = parts === 1 ? first : values[4 * slots + i]!
    sink.gauge(i, slot)
  }
}

/** Slots are numbered from the start of the chunk. Throws RangeError or a zlib error for damaged bytes. */
export function decodeChunk(bytes: Uint8Array, sink: SlotSink): void {
  const inflated = inflateRawSync(bytes.subarray(1), { maxOutputLength: MAX_INFLATED })
  if (bytes[0] === HISTOGRAMS) {
    readHistograms(inflated, (slot, value) => sink.histogram(slot, value))
    return
  }
  const values = unshuffle(inflated)
  if (bytes[0] === COUNTERS) {
    for (const [i, value] of values.entries()) if (!Number.isNaN(value)) sink.counter(i, value)
  } else if (bytes[0] === GAUGE_VALUES) readGauges(values, 1, sink)
  else if (bytes[0] === GAUGE_ROLLUPS) readGauges(values, 5, sink)
  else throw new RangeError(`the chunk has the unknown format ${bytes[0]}`)
}
