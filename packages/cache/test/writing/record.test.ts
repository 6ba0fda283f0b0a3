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

const record: fc.Arbitrary<JournalRecord> = fc.record({
  kind: fc.constantFrom(...Object.values(RECORD_KINDS)),
  sequence: fc.maxSafeNat(),
  payload: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
})
const records = fc.array(record, { maxLength: 12 })

describe('the records of the journal', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(records, (written) => {
        const { records: read, damagedBytes } = scanRecords(Buffer.concat(written.map(encodeRecord)))
        expect(read).toEqual(written)
        expect(damagedBytes).toBe(0)
      }),
    )
  })

  it('end where a crash cut the file, and that is no damage', () => {
    fc.assert(
      fc.property(records, fc.nat(4_000), (written, length) => {
        const file = Buffer.concat(written.map(encodeRecord)).subarray(0, length)
        const { records: read, damagedBytes } = scanRecords(file)
        expect(read).toEqual(written.slice(0, read.length))
        expect(damagedBytes).toBe(0)
        let whole = 0
        for (let end = 0; whole < written.length; whole++) {
          end += RECORD_OVERHEAD + written[whole]!.payload.length
          if (end > file.length) break
        }
        expect(read.length).toBe(whole)
      }),
    )
  })

  it('survive damage before and behind them, which is counted when records follow', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 3, maxLength: 6 }),
        fc.nat(),
        fc.nat(),
        (written, at, bit) => {
          const encoded = written.map(encodeRecord)
          const middle = encoded[1]!
          middle[at % middle.length]! ^= 1 << (bit % 8)
          const { records: read, damagedBytes } = scanRecords(Buffer.concat(encoded))
          expect(read).toEqual([written[0], ...written.slice(2)])
          expect(damagedBytes).toBe(middle.length)
        },
      ),
    )
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
