import { crc32 } from 'node:zlib'
import { MAX_TAGS_PER_ENTRY } from '../options.ts'
import type { Compressor } from './compression.ts'
import type { ValueTypes } from './values.ts'

/**
 * What a record's payload looks like. All numbers are little-endian, times are milliseconds since the epoch:
 *
 *     0  u8   format, 1            4  u32  CRC-32 of everything else      24  f64  stale until
 *     1  u8   value type           8  f64  created at                     32  f32  how long it took to make, ms
 *     2  u8   compression         16  f64  fresh until                    36  u32  bytes before compression
 *     3  u8   number of tags      40  tags, each: u16 length, UTF-8       then the value
 */
const FORMAT = 1
const AT_CHECKSUM = 4
const AT_CREATED = 8
const AT_FRESH = 16
const AT_STALE = 24
const AT_LOAD = 32
const AT_RAW = 36
const HEADER_BYTES = 40

export interface Envelope {
  value: unknown
  tags: readonly string[]
  /** Wall time, milliseconds since the epoch, as the two below. */
  createdAt: number
  /** Infinity: for ever. */
  freshUntil: number
  staleUntil: number
  /** 0: unknown. */
  loadMs: number
}

export interface EnvelopeCodec {
  types: ValueTypes
  compressor: Compressor
  maxBytes: number
}

/** Undefined: larger than a record may be. Throws for a value that has no bytes. */
export function encodeEnvelope(
  content: Envelope,
  { types, compressor, maxBytes }: EnvelopeCodec,
  compress = true,
): Buffer | undefined {
  const { code, bytes: raw } = types.encode(content.value)
  if (raw.length > maxBytes) return undefined
  const { code: compression, bytes } = compress ? compressor.compress(raw) : { code: 0, bytes: raw }
  const tags = content.tags.map((tag) => Buffer.from(tag))
  const tagBytes = tags.reduce((sum, tag) => sum + 2 + tag.length, 0)
  if (HEADER_BYTES + tagBytes + bytes.length > maxBytes || tags.length > 255) return undefined
  const out = Buffer.allocUnsafe(HEADER_BYTES + tagBytes + bytes.length)
  out[0] = FORMAT
  out[1] = code
  out[2] = compression
  out[3] = tags.length
  out.writeDoubleLE(content.createdAt, AT_CREATED)
  out.writeDoubleLE(content.freshUntil, AT_FRESH)
  out.writeDoubleLE(content.staleUntil, AT_STALE)
  out.writeFloatLE(content.loadMs, AT_LOAD)
  out.writeUInt32LE(raw.length, AT_RAW)
  let at = HEADER_BYTES
  for (const tag of tags) {
    at = out.writeUInt16LE(tag.length, at)
    at += tag.copy(out, at)
  }
  bytes.copy(out, at)
  out.writeUInt32LE(checksum(out), AT_CHECKSUM)
  return out
}

/** Undefined: garbage, or written by a version of this package or of Node that this one does not know. Never throws. */
export function decodeEnvelope(
  payload: Buffer,
  { types, compressor, maxBytes }: EnvelopeCodec,
): Envelope | undefined {
  try {
    if (payload.length < HEADER_BYTES || payload.length > maxBytes || payload[0] !== FORMAT) return undefined
    if (payload.readUInt32LE(AT_CHECKSUM) !== checksum(payload)) return undefined
    const rawBytes = payload.readUInt32LE(AT_RAW)
    const count = payload[3]!
    if (rawBytes > maxBytes || count > 2 * MAX_TAGS_PER_ENTRY) return undefined
    const { tags, end: at } = tagsAt(payload, count)
    const raw = compressor.decompress(payload[2]!, payload.subarray(at), rawBytes)
    if (raw.length !== rawBytes) return undefined
    const content = {
      value: types.decode(payload[1]!, raw),
      tags,
      createdAt: payload.readDoubleLE(AT_CREATED),
      freshUntil: payload.readDoubleLE(AT_FRESH),
      staleUntil: payload.readDoubleLE(AT_STALE),
      loadMs: payload.readFloatLE(AT_LOAD),
    }
    return isSound(content) ? content : undefined
  } catch {
    return undefined
  }
}

export type EnvelopeHead = Pick<Envelope, 'tags' | 'createdAt' | 'freshUntil'>

/** All but the value, for whoever looks at the records of others; undefined: garbage. Never throws. */
export function decodeHead(payload: Buffer): EnvelopeHead | undefined {
  try {
    if (payload.length < HEADER_BYTES || payload[0] !== FORMAT) return undefined
    if (payload.readUInt32LE(AT_CHECKSUM) !== checksum(payload)) return undefined
    const { tags } = tagsAt(payload, payload[3]!)
    return { tags, createdAt: payload.readDoubleLE(AT_CREATED), freshUntil: payload.readDoubleLE(AT_FRESH) }
  } catch {
    return undefined
  }
}

/** @throws RangeError when the payload ends before its tags do */
function tagsAt(payload: Buffer, count: number): { tags: string[]; end: number } {
  const tags: string[] = []
  let at = HEADER_BYTES
  for (let i = 0; i < count; i++) {
    const start = at + 2
    at = start + payload.readUInt16LE(at)
    if (at > payload.length) throw new RangeError('The tags go on after the end of the payload.')
    tags.push(payload.toString('utf8', start, at))
  }
  return { tags, end: at }
}

/** NaN would make every comparison of times false. */
const isSound = ({ createdAt, freshUntil, staleUntil, loadMs }: Envelope): boolean =>
  Number.isFinite(createdAt) && freshUntil >= createdAt && staleUntil >= freshUntil && loadMs >= 0

/** Detects accidents, not forgery: whoever may write to the shared tier is trusted. */
function checksum(payload: Buffer): number {
  const head = payload.readUInt32LE(0)
  if (head !== lastHead) {
    lastHead = head
    lastHeadChecksum = crc32(payload.subarray(0, AT_CHECKSUM))
  }
  return crc32(payload.subarray(AT_CREATED), lastHeadChecksum)
}

/** Most records in a row begin alike, and a call of zlib costs more than the few bytes. */
let lastHead: number | undefined
let lastHeadChecksum = 0
