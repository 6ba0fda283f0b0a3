import type { CacheInstruments } from '../metrics.ts'
import type { BehindLimits, WriteOrigin, WriterLimits } from './options.ts'

export interface BehindParts {
  namespace: string
  write: WriteOrigin<unknown>
  limits: WriterLimits
  behind: BehindLimits
  instruments: CacheInstruments
  /** The origin holds a write of an earlier process now: what others cached before is outdated. */
  outdated(id: string): void
}

export interface BehindStats {
  /** Acknowledged and not arrived. */
  pending: number
  pendingBytes: number
  /** Milliseconds since the acceptance of the oldest; 0 when nothing is pending. */
  oldestAgeMs: number
  deadLetters: number
  journalBytes: number
  journalFiles: number
  /** Of the oldest journal files, what a disk damaged; 0 unless something is wrong. */
  damagedBytes: number
  /** Why the last call of the origin failed; undefined after a success. */
  lastError: string | undefined
}
