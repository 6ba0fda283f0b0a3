import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeSequences,
  encodeRecord,
  encodeSequences,
  RECORD_KINDS,
  RECORD_OVERHEAD,
  scanRecords,
  type JournalRecord,
} from '../../src/writing/journal/record.ts'

const SEAL = 0x1234_5678
const written = (records: readonly JournalRecord[]): Buffer[] =>
  records.map((record) => encodeRecord(record, SEAL))

/** Headers stand at the beginning only. */
const record: fc.Arbitrary<JournalRecord> = fc.record({
  kind: fc.constantFrom(RECORD_KINDS.entry, RECORD_KINDS.settled),
  sequence: fc.maxSafeNat(),
  payload: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
})
const records = fc.array(record, { maxLength: 12 })

describe('the records of the journal', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(records, (sent) => {
        const { records: read, damagedBytes } = scanRecords(Buffer.concat(written(sent)), SEAL)
        expect(read).toEqual(sent)
        expect(damagedBytes).toBe(0)
      }),
    )
  })

  it('end where a crash cut the file, and that is no damage', () => {
    fc.assert(
      fc.property(records, fc.nat(4_000), (sent, length) => {
        const file = Buffer.concat(written(sent)).subarray(0, length)
        const { records: read, damagedBytes } = scanRecords(file, SEAL)
        expect(read).toEqual(sent.slice(0, read.length))
        expect(damagedBytes).toBe(0)
        let whole = 0
        for (let end = 0; whole < sent.length; whole++) {
          end += RECORD_OVERHEAD + sent[whole]!.payload.length
          if (end > file.length) break
        }
        expect(read.length).toBe(whole)
      }),
    )
  })

  it('survive damage before and behind them, which is counted when records follow', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 3, maxLength: 6 }), fc.nat(), fc.nat(), (sent, at, bit) => {
        const encoded = written(sent)
        const middle = encoded[1]!
        middle[at % middle.length]! ^= 1 << (bit % 8)
        const { records: read, damagedBytes } = scanRecords(Buffer.concat(encoded), SEAL)
        expect(read).toEqual([sent[0], ...sent.slice(2)])
        expect(damagedBytes).toBe(middle.length)
      }),
    )
  })

  it('count for nothing under another seal, or as a header that is not at the beginning', () => {
    const entry = { kind: RECORD_KINDS.entry, sequence: 1, payload: Buffer.from('x') }
    expect(scanRecords(encodeRecord(entry, SEAL), SEAL + 1).records).toEqual([])
    const header = { ...entry, kind: RECORD_KINDS.header }
    const file = Buffer.concat([encodeRecord(header, SEAL), encodeRecord(header, SEAL)])
    expect(scanRecords(file, SEAL).records).toEqual([header])
  })

  it('never throw over what is no journal at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(scanRecords(Buffer.from(bytes)).records).toEqual([])
      }),
    )
  })

  it('hold sequence numbers exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (sequences) => {
        expect(decodeSequences(encodeSequences(sequences))).toEqual(sequences)
      }),
    )
  })
})
