import { crc32 } from 'node:zlib'

/**
 * The journal's format. A record: two bytes of mark, one of kind, one of format, the length of the payload (4), the
 * sequence number (8, a double), CRC-32 of all that and the payload (4), the payload. Big endian. The mark lets a reader
 * find the next record behind a damaged one.
 */
export const RECORD_KINDS = { header: 1, entry: 2, settled: 3 } as const
export type RecordKind = (typeof RECORD_KINDS)[keyof typeof RECORD_KINDS]

export interface JournalRecord {
  kind: RecordKind
  sequence: number
  payload: Buffer
}

const MARK = 0x4d52
const FORMAT = 1
const CRC_AT = 16
export const RECORD_OVERHEAD = 20
/** Of one payload. What claims to be longer is damage. */
export const MAX_PAYLOAD_BYTES = 64 * 1_048_576

/**
 * `seal`: where the checksum begins, secret to the journal. Values come from users, and one that contains a whole record must
 * not become one when a crash cuts off the record around it. A header has none.
 */
export function encodeRecord({ kind, sequence, payload }: JournalRecord, seal = 0): Buffer {
  const record = Buffer.allocUnsafe(RECORD_OVERHEAD + payload.length)
  record.writeUInt16BE(MARK, 0)
  record[2] = kind
  record[3] = FORMAT
  record.writeUInt32BE(payload.length, 4)
  record.writeDoubleBE(sequence, 8)
  record.writeUInt32BE(checksum(record, payload, kind === RECORD_KINDS.header ? 0 : seal), CRC_AT)
  payload.copy(record, RECORD_OVERHEAD)
  return record
}

const checksum = (record: Buffer, payload: Buffer, seal: number): number =>
  crc32(payload, crc32(record.subarray(0, CRC_AT), seal))

export interface Scan {
  records: JournalRecord[]
  /**
   * Bytes that are no record although records follow: what a disk damaged. What a crash cut off is at the end of the
   * file, was never acknowledged, and does not count.
   */
  damagedBytes: number
}

/** Reads every record that verifies. Never throws. */
export function scanRecords(bytes: Buffer, seal = 0): Scan {
  const records: JournalRecord[] = []
  let damagedBytes = 0
  let at = 0
  while (at < bytes.length) {
    const record = recordAt(bytes, at, seal)
    if (record !== undefined) {
      records.push(record)
      at += RECORD_OVERHEAD + record.payload.length
      continue
    }
    const next = nextRecord(bytes, at + 1, seal)
    if (next === undefined) break
    damagedBytes += next - at
    at = next
  }
  return { records, damagedBytes }
}

/** What the file says of itself. */
export function headerOf(bytes: Buffer): Buffer | undefined {
  const record = recordAt(bytes, 0, 0)
  return record?.kind === RECORD_KINDS.header ? record.payload : undefined
}

function recordAt(bytes: Buffer, at: number, seal: number): JournalRecord | undefined {
  if (at + RECORD_OVERHEAD > bytes.length) return undefined
  if (bytes.readUInt16BE(at) !== MARK || bytes[at + 3] !== FORMAT) return undefined
  const length = bytes.readUInt32BE(at + 4)
  const end = at + RECORD_OVERHEAD + length
  if (length > MAX_PAYLOAD_BYTES || end > bytes.length) return undefined
  const payload = bytes.subarray(at + RECORD_OVERHEAD, end)
  const kind = bytes[at + 2] as RecordKind
  const isHeader = kind === RECORD_KINDS.header
  if (isHeader && at > 0) return undefined
  const sum = checksum(bytes.subarray(at, at + CRC_AT), payload, isHeader ? 0 : seal)
  if (bytes.readUInt32BE(at + CRC_AT) !== sum) return undefined
  return { kind, sequence: bytes.readDoubleBE(at + 8), payload }
}

const MARK_BYTES = Buffer.from([MARK >> 8, MARK & 0xff])

function nextRecord(bytes: Buffer, from: number, seal: number): number | undefined {
  for (let at = bytes.indexOf(MARK_BYTES, from); at >= 0; at = bytes.indexOf(MARK_BYTES, at + 1)) {
    if (recordAt(bytes, at, seal) !== undefined) return at
  }
  return undefined
}

export function encodeSequences(sequences: readonly number[]): Buffer {
  const payload = Buffer.allocUnsafe(sequences.length * 8)
  for (const [index, sequence] of sequences.entries()) payload.writeDoubleBE(sequence, index * 8)
  return payload
}

export function decodeSequences(payload: Buffer): number[] {
  return Array.from({ length: Math.floor(payload.length / 8) }, (_, index) => payload.readDoubleBE(index * 8))
}
